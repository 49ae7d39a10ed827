package dev.narsil.gateway.ipfs.index;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.ipfs.OtherPins;
import dev.narsil.gateway.ipfs.PublishedPath;
import dev.narsil.gateway.ipfs.PublishedPaths;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.narinfo.NarCids;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;

/** Publishes the index of what a store has published. Blocks and calls native code; for a thread that may. */
public final class IndexPublisher {

    /** Time for sending the blocks of an index to a daemon and having them pinned. */
    private static final Duration IMPORT_TIME = Duration.ofMinutes(10);

    /** What the pin is called. */
    private static final String PIN_NAME = "narsil index";

    private static final ReentrantLock PUBLISHING = new ReentrantLock();

    private final NarStore store;
    private final OtherPins others;
    private final OwnIndex own;
    private final InstantSource clock;

    /**
     * One of a store.
     *
     * @param others what else the daemon keeps
     */
    public IndexPublisher(NarStore store, OtherPins others, InstantSource clock) {
        this.store = store;
        this.others = others;
        this.own = new OwnIndex(store);
        this.clock = clock;
    }

    /**
     * What was published.
     *
     * @param cid of the root
     * @param index the root
     * @param skipped paths that were published in a form they do not have any more, or that are gone
     * @param changed whether it is another one than before
     */
    public record Published(Cid cid, IndexRoot index, int skipped, boolean changed) {}

    /**
     * Makes an index of all published paths, puts it into the daemon and serves it. It is pinned there, and the one before
     * no longer, unless something else wants that. If nothing has changed, it stays as it is, but for what the daemon
     * lacks of it.
     *
     * @throws IOException also if there are more paths than an index can have
     */
    public Published publish(SecretKey key, KuboClient kubo) throws IOException {
        PUBLISHING.lock();
        try {
            return publishAlone(key, kubo);
        } finally {
            PUBLISHING.unlock();
        }
    }

    private Published publishAlone(SecretKey key, KuboClient kubo) throws IOException {
        Snapshot snapshot = snapshot();
        Optional<OwnIndex.Root> before = own.root();
        IndexRoot old = before.isPresent() ? IndexRoot.decode(before.get().block()) : null;
        IndexRoot index = old;
        if (index == null || !index.shards().equals(snapshot.shards()) || !isSignedBy(index, key)) {
            Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
            // higher than any before also where those are forgotten
            long sequence = Math.max(old == null ? 1 : old.sequence() + 1, now.getEpochSecond());
            try {
                index = IndexRoot.sign(store.storeDir(), sequence, now, snapshot.shards(), key);
            } catch (IllegalArgumentException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
        byte[] block = index.encode();
        Cid cid = IndexRoot.cid(block);
        if (!kubo.isPinned(cid)) {
            send(kubo, cid, block, snapshot.blocks());
        }
        own.put(new OwnIndex.Root(block, true), index, snapshot.blocks());
        boolean changed = before.isEmpty() || !before.get().cid().equals(cid);
        if (before.isPresent() && changed) {
            Cid replaced = before.get().cid();
            var _ = others.unlessWanted(replaced, () -> {
                var _ = kubo.unpin(replaced);
            });
        }
        return new Published(cid, index, snapshot.skipped(), changed);
    }

    private static boolean isSignedBy(IndexRoot index, SecretKey key) {
        try {
            index.requireSignedBy(List.of(key.publicKey()));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static void send(KuboClient kubo, Cid cid, byte[] root, Map<Cid, byte[]> shards) throws IOException {
        // pinned after it was sent, as only that gives the pin a name
        var _ = kubo.importCar(List.of(cid), true, IMPORT_TIME, car -> {
            car.block(cid, root, 0, root.length);
            for (Map.Entry<Cid, byte[]> shard : shards.entrySet()) {
                car.block(shard.getKey(), shard.getValue(), 0, shard.getValue().length);
            }
        });
        kubo.pin(cid, PIN_NAME, IMPORT_TIME, _ -> {});
    }

    /** The shards of an index, with their blocks. */
    private record Snapshot(SortedMap<String, IndexRoot.Shard> shards, Map<Cid, byte[]> blocks, int skipped) {}

    private Snapshot snapshot() throws IOException {
        SortedMap<String, SortedMap<Digest, IndexEntry>> entries = new TreeMap<>();
        PublishedPaths published = new PublishedPaths(store);
        int skipped = 0;
        int count = 0;
        for (Digest digest : published.all().keySet()) {
            Optional<PathInfo> info = store.path(digest);
            Optional<PublishedPath> path = info.isPresent() ? published.current(info.get()) : Optional.empty();
            if (path.isEmpty()) {
                skipped++;
                continue;
            }
            if (++count > IndexRoot.MAX_PATHS) {
                throw new IOException("an index has at most " + IndexRoot.MAX_PATHS + " paths");
            }
            NarCids cids = new NarCids(path.get().manifest(), path.get().nar());
            entries.computeIfAbsent(IndexShard.prefix(digest), prefix -> new TreeMap<>())
                    .put(digest, new IndexEntry(digest, info.get().narHash(), cids));
        }
        SortedMap<String, IndexRoot.Shard> shards = new TreeMap<>();
        Map<Cid, byte[]> blocks = new LinkedHashMap<>();
        for (Map.Entry<String, SortedMap<Digest, IndexEntry>> each : entries.entrySet()) {
            List<IndexEntry> ofShard = new ArrayList<>(each.getValue().values());
            byte[] block = encode(new IndexShard(each.getKey(), ofShard));
            Cid cid = IndexShard.cid(block);
            blocks.put(cid, block);
            shards.put(each.getKey(), new IndexRoot.Shard(cid, ofShard.size()));
        }
        return new Snapshot(shards, blocks, skipped);
    }

    private static byte[] encode(IndexShard shard) throws IOException {
        try {
            return shard.encode();
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
