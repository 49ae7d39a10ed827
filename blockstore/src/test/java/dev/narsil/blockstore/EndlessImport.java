package dev.narsil.blockstore;

import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.TestStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Imports generated NARs into a directory until it is killed, one after the other from the first that is not there yet, and
 * tells on its standard output of every path that is durable.
 */
final class EndlessImport {

    static final String STARTED = "started";

    private static final int THREADS = 2;

    private EndlessImport() {}

    /** NAR number {@code i} of those a seed gives: most are tiny, some are more than a group that goes through the log. */
    static byte[] nar(long seed, int i) {
        Random random = new Random(seed * 1_000_003 + i);
        if (random.nextInt(8) > 0) {
            return Nars.small(random.nextInt(1000));
        }
        return Nars.files(
                Nars.noise(seed + random.nextInt(6), 400_000),
                Nars.noise(seed + i, 700_000 + random.nextInt(900_000)),
                Nars.reference(TestStore.digest("reference" + i)));
    }

    static String name(int i) {
        return "path-" + i;
    }

    /** Arguments: directory, seed. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws Exception {
        long seed = Long.parseLong(arguments[1]);
        System.out.println(STARTED);
        System.out.flush();
        TestStore store = TestStore.open(Path.of(arguments[0]));
        AtomicInteger next = new AtomicInteger();
        for (int t = 0; t < THREADS; t++) {
            var _ = Thread.ofPlatform().start(() -> {
                try {
                    while (true) {
                        importNext(store, seed, next.getAndIncrement());
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private static void importNext(TestStore store, long seed, int i) throws IOException {
        if (store.nars().path(TestStore.digest(name(i))).isPresent()) {
            return;
        }
        byte[] nar = nar(seed, i);
        store.ingest(nar);
        CompletableFuture<Void> published = store.nars().publish(TestStore.info(name(i), nar));
        var _ = published.thenRun(() -> report(i));
        if (i % 4 == 0) {
            store.nars().flush();
        }
        if (i % 16 == 0) {
            TestStore.await(published);
        }
    }

    @SuppressWarnings("SystemOut")
    private static synchronized void report(int i) {
        System.out.println(i);
        System.out.flush();
    }
}
