package dev.narsil.blockstore;

import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.pack.Pack;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One verification of a whole store: the engine's checksums, then every pack and block, then every NAR, then every path. */
final class Verification implements AutoCloseable {

    /** Problems kept; more are counted only. */
    static final int MAX_PROBLEMS = 1000;

    private static final int QUEUED_TASKS = 64;
    private static final long BUSY_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final NarStore nars;
    private final BlockStore store;
    private final PackCache packs;
    private final VerifyProgress progress;
    private final ExecutorService workers;
    private final List<String> problems = new ArrayList<>();
    private final Set<Sha256> damaged = new HashSet<>();
    private final AtomicLong blockCount = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private long unlisted;

    Verification(NarStore nars, PackCache packs, VerifyProgress progress) {
        this.nars = nars;
        this.store = nars.blockStore();
        this.packs = packs;
        this.progress = progress;
        int threads = Runtime.getRuntime().availableProcessors();
        this.workers = new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(QUEUED_TASKS),
                Thread.ofPlatform().name("narsil-verify-", 0).daemon().factory(),
                new ThreadPoolExecutor.CallerRunsPolicy());
    }

    VerifyReport run() throws IOException {
        checkEngine();
        long packCount = checkPacks();
        bytes.set(0);
        long narCount = checkNars();
        long narBytes = bytes.get();
        long pathCount = checkPaths();
        if (unlisted > 0) {
            problems.add("and " + unlisted + " problems more");
        }
        return new VerifyReport(packCount, blockCount.get(), narCount, pathCount, narBytes, problems);
    }

    private void checkEngine() {
        progress.progress("metadata", 0, 1, 0);
        try {
            store.verifyChecksums();
        } catch (StoreException e) {
            problem("metadata: " + e.getMessage());
        }
        progress.progress("metadata", 1, 1, 0);
    }

    private long checkPacks() throws IOException {
        int end = Math.toIntExact(store.nextPack());
        AtomicIntegerArray expected = new AtomicIntegerArray(end);
        scan(Table.BLOCK, (key, value) -> {
            String block = "block " + HexFormat.of().formatHex(key);
            try {
                BlockLocation location = BlockLocation.decode(value);
                if (location.pack() < end) {
                    expected.incrementAndGet((int) location.pack());
                } else if (location.pack() >= store.nextPack()) {
                    problem(block + ": pack " + location.pack() + " is missing");
                }
            } catch (FormatException e) {
                problem(message(e, block));
            }
        });
        long count = 0;
        for (int i = 0; i < end; i++) {
            count += expected.get(i) > 0 ? 1 : 0;
        }
        Tasks tasks = new Tasks("packs", count);
        for (int i = 0; i < end; i++) {
            int number = i;
            if (expected.get(i) > 0) {
                tasks.submit(() -> checkPack(number, expected.get(number)));
            }
        }
        tasks.await();
        return count;
    }

    private void checkPack(long number, int expected) {
        try {
            Pack pack = packs.readOnce(number);
            int indexed = 0;
            for (int i = 0; i < pack.blocks(); i++) {
                Sha256 id = pack.id(i);
                int length = pack.offset(i + 1) - pack.offset(i);
                if (!Sha256.hash(pack.raw(), pack.offset(i), length).equals(id)) {
                    problem("pack " + number + ": block " + id.toHex() + " has other bytes");
                }
                byte[] location = store.get(Table.BLOCK, id.bytes());
                if (location != null
                        && Arrays.equals(location, new BlockLocation(number, pack.offset(i), length).encode())) {
                    indexed++;
                }
            }
            if (indexed != expected) {
                problem("pack " + number + ": the index has " + expected + " blocks in it, " + indexed + " are there");
            }
            blockCount.addAndGet(pack.blocks());
            bytes.addAndGet(pack.raw().length);
        } catch (IOException e) {
            problem(message(e, "pack " + number));
        }
    }

    private long checkNars() throws IOException {
        List<Sha256> hashes = new ArrayList<>();
        scan(Table.NAR, (key, value) -> hashes.add(Sha256.of(key)));
        Tasks tasks = new Tasks("NARs", hashes.size());
        for (Sha256 hash : hashes) {
            tasks.submit(() -> checkNar(hash));
        }
        tasks.await();
        return hashes.size();
    }

    /** Opens a NAR, waiting while too much is being read by others. */
    private NarReader open(Sha256 hash) throws IOException {
        while (true) {
            try {
                return nars.openNar(hash)
                        .orElseThrow(() -> new StoreException(StoreException.Kind.CORRUPT, hash + " is missing"));
            } catch (StoreException e) {
                if (e.kind() != StoreException.Kind.BUSY
                        || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                LockSupport.parkNanos(BUSY_PAUSE_NANOS);
            }
        }
    }

    private void checkNar(Sha256 hash) {
        try (NarReader reader = open(hash)) {
            for (NarSlice slice = reader.next(); slice != null; slice = reader.next()) {
                bytes.addAndGet(slice.length());
            }
        } catch (IOException e) {
            synchronized (problems) {
                damaged.add(hash);
            }
            problem(message(e, "NAR " + hash));
        }
    }

    private long checkPaths() throws IOException {
        long[] count = new long[1];
        scan(Table.PATH, (key, value) -> {
            count[0]++;
            String name = Digest.of(key, 0).toString();
            try {
                PathInfo info = PathInfoCodec.decode(value);
                name = info.path().baseName();
                if (!info.path().digest().equals(Digest.of(key, 0))) {
                    problem("path " + name + ": it is stored under another digest");
                }
                if (damaged.contains(info.narHash())) {
                    problem("path " + name + ": its NAR is damaged");
                } else if (nars.narSize(info.narHash()).orElse(-1L) != info.narSize()) {
                    problem("path " + name + ": its NAR is missing or has another size");
                }
            } catch (IOException e) {
                problem(message(e, "path " + name));
            }
        });
        progress.progress("paths", count[0], count[0], 0);
        return count[0];
    }

    /** Scans what can be read of a table. */
    private void scan(Table table, BlockStore.Visitor visitor) throws IOException {
        try {
            store.scan(table, visitor);
        } catch (StoreException e) {
            if (e.kind() != StoreException.Kind.CORRUPT) {
                throw e;
            }
            problem(message(e, "table " + table));
        }
    }

    private static String message(IOException e, String what) {
        String message = String.valueOf(e.getMessage());
        return message.startsWith(what) ? message : what + ": " + message;
    }

    private void problem(String sentence) {
        synchronized (problems) {
            if (problems.size() < MAX_PROBLEMS) {
                problems.add(sentence);
            } else {
                unlisted++;
            }
        }
    }

    /** The tasks of one phase; the first that fails unexpectedly ends the verification. */
    private final class Tasks {
        private final String phase;
        private final long total;
        private final List<Future<?>> running = new ArrayList<>();

        Tasks(String phase, long total) {
            this.phase = phase;
            this.total = total;
            done.set(0);
            progress.progress(phase, 0, total, 0);
        }

        void submit(Runnable task) throws IOException {
            Callable<@Nullable Void> counted = () -> {
                task.run();
                progress.progress(phase, done.incrementAndGet(), total, bytes.get());
                return null;
            };
            running.add(workers.submit(counted));
            if (running.size() > 2 * QUEUED_TASKS) {
                PackCache.await(running.removeFirst());
            }
        }

        void await() throws IOException {
            for (Future<?> task : running) {
                PackCache.await(task);
            }
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
