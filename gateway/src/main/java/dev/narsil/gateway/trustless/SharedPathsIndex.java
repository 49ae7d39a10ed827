package dev.narsil.gateway.trustless;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoredNar;
import dev.narsil.blockstore.ipfs.Manifest;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.gateway.trustless.SharedRecord.What;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers by which CIDs shared paths can be found: of all that are stored when it starts, and of each that is
 * published later. Works on one thread of its own.
 */
public final class SharedPathsIndex implements AutoCloseable {

    /** Paths published that wait to be looked at; if there are more, all are looked at again. */
    private static final int MAX_WAITING = 4096;

    private static final int PAGE = 1024;

    /** Records that are written together. */
    private static final int BATCH = 192;

    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(SharedPathsIndex.class);

    private final NarStore store;
    private final SharedPaths shared;
    private final BlockingQueue<Digest> published = new ArrayBlockingQueue<>(MAX_WAITING);
    private final AtomicBoolean missed = new AtomicBoolean(true);
    private final Consumer<Digest> listener = this::hear;
    private final List<Entry> batch = new ArrayList<>();
    private final Set<Digest> batchPaths = new HashSet<>();
    private final Thread thread;
    private volatile boolean closed;

    private SharedPathsIndex(NarStore store, SharedPaths shared) {
        this.store = store;
        this.shared = shared;
        this.thread = Thread.ofPlatform().daemon().name("shared-paths").unstarted(this::run);
    }

    /** Starts looking at the paths of {@code store}, which must stay open until this is closed. */
    public static SharedPathsIndex start(NarStore store, SharedPaths shared) {
        SharedPathsIndex index = new SharedPathsIndex(store, shared);
        store.addPathListener(index.listener);
        index.thread.start();
        return index;
    }

    private void hear(Digest digest) {
        boolean own = Thread.currentThread().equals(thread);
        if (!own && !published.offer(digest)) {
            missed.set(true);
        }
    }

    private void run() {
        try {
            while (!closed) {
                step();
            }
        } catch (InterruptedException | InterruptedIOException e) {
            LOG.debug("no more paths are shared: {}", e.getMessage());
        }
    }

    private void step() throws InterruptedException, InterruptedIOException {
        try {
            if (missed.getAndSet(false)) {
                addAll();
            } else {
                add(published.take());
            }
            if (published.isEmpty()) {
                write();
            }
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException | CompletionException e) {
            LOG.error("some paths are not shared until the next start: {}", e.getMessage());
            batch.clear();
            batchPaths.clear();
        }
    }

    private void addAll() throws IOException {
        byte[] from = {};
        List<byte[]> page = new ArrayList<>();
        do {
            page.clear();
            store.blockStore().scan(Table.PATH, from, PAGE, (key, value) -> page.add(key));
            for (byte[] key : page) {
                if (closed) {
                    return;
                }
                add(Digest.of(key, 0));
                from = Arrays.copyOf(key, key.length + 1);
            }
        } while (page.size() == PAGE);
        write();
    }

    private void add(Digest digest) throws IOException {
        try {
            Optional<PathInfo> info = store.path(digest).filter(shared::isShared);
            if (info.isPresent()) {
                add(info.get());
            }
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("{} is not shared: {}", digest, e.getMessage());
        }
        if (batch.size() >= BATCH) {
            write();
        }
    }

    private void add(PathInfo info) throws IOException {
        Sha256 narHash = info.narHash();
        Digest digest = info.path().digest();
        Optional<SharedRecord> before = shared.record(narHash);
        Sha256 root = before.isPresent() && !shared.hasRoom() ? before.get().root() : root(narHash);
        if (root == null) {
            return;
        }
        if (before.isEmpty() || !before.get().root().equals(root) || !shared.isShared(narHash)) {
            batch.add(new SharedRecord(What.NAR, digest, narHash, root).under(narHash));
            batch.add(new SharedRecord(What.ROOT, digest, narHash, root).under(root));
        }
        byte[] manifest =
                Manifest.of(store.storeDir(), info, Cid.of(Codec.DAG_PB, root)).encode();
        Sha256 key = Sha256.hash(manifest);
        if (shared.record(key).isEmpty()) {
            batch.add(new SharedRecord(What.MANIFEST, digest, narHash, root).under(key));
            batchPaths.add(digest);
        }
    }

    /** Finds out the root of a NAR, and with it its blocks; null if it is not stored. */
    private @Nullable Sha256 root(Sha256 narHash) throws IOException {
        Optional<StoredNar> stored = store.openStored(narHash);
        if (stored.isEmpty()) {
            return null;
        }
        try (StoredNar nar = stored.get()) {
            return shared.blocks(nar).root().sha256().orElseThrow();
        }
    }

    private void write() throws IOException {
        if (!batch.isEmpty()) {
            var written = store.write(List.copyOf(batch));
            store.expedite();
            written.join();
            batch.clear();
            List<Digest> paths = List.copyOf(batchPaths);
            batchPaths.clear();
            paths.forEach(store::pathChanged);
        }
    }

    /** Stops; afterwards nothing of this uses the store. */
    @Override
    public void close() {
        closed = true;
        store.removePathListener(listener);
        thread.interrupt();
        try {
            if (!thread.join(CLOSE_TIMEOUT)) {
                LOG.warn("sharing did not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
