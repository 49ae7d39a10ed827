package dev.narsil.blockstore;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * Takes NARs in and collects garbage in a directory until it is killed: a third is published, a third kept for nobody, a third cut
 * off. Tells on its standard output of every path that is durable.
 */
final class EndlessCollection {

    static final String STARTED = "started";

    private EndlessCollection() {}

    /** NAR number {@code i} of those a seed gives; they share parts. */
    static byte[] nar(long seed, int i) {
        Random random = new Random(seed * 1_000_003 + i);
        return Nars.files(
                Nars.noise(seed + random.nextInt(8), 150_000),
                Nars.noise(seed + 100 + i, 20_000 + random.nextInt(700_000)),
                Nars.reference(TestStore.digest("reference" + i % 7)));
    }

    static String name(int i) {
        return "path-" + i;
    }

    /** Collects all that has no path at this moment. */
    static GarbageReport collect(TestStore store) throws IOException {
        Instant now = Instant.now();
        return store.nars()
                .collectGarbage(
                        new GarbageOptions(now, now.plus(Duration.ofMinutes(1)), (_, value) -> Sha256.of(value)),
                        GarbageProgress.NONE);
    }

    /** Arguments: directory, seed, first number. */
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws Exception {
        long seed = Long.parseLong(arguments[1]);
        int first = Integer.parseInt(arguments[2]);
        TestStore store = TestStore.open(Path.of(arguments[0]));
        System.out.println(STARTED);
        System.out.flush();
        var _ = Thread.ofPlatform().start(() -> {
            try {
                for (int i = first; true; i++) {
                    takeInUnlessCollected(store, seed, i);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        while (true) {
            collect(store);
        }
    }

    /** Takes a NAR in, which may be collected before it is published: it has no path until then. */
    private static void takeInUnlessCollected(TestStore store, long seed, int i) throws IOException {
        try {
            takeIn(store, seed, i);
        } catch (StoreException e) {
            if (e.kind() != StoreException.Kind.ABSENT) {
                throw e;
            }
        }
    }

    private static void takeIn(TestStore store, long seed, int i) throws IOException {
        byte[] nar = nar(seed, i);
        Sha256 hash = Sha256.hash(nar);
        try (NarIngest ingest = store.nars().ingest(hash, nar.length)) {
            ingest.write(nar, 0, i % 3 == 0 ? nar.length / 2 : nar.length);
            if (i % 3 == 0) {
                return;
            }
            ingest.finish();
        }
        if (i % 3 == 1) {
            var _ = store.nars()
                    .keep(
                            hash,
                            Instant.now(),
                            List.of(new Entry(Table.ALIAS, Nars.noise(i, Sha256.BYTES), hash.bytes())));
        } else {
            CompletableFuture<Void> published = store.nars().publish(TestStore.info(name(i), nar));
            store.nars().expedite();
            TestStore.await(published);
            report(i);
        }
    }

    @SuppressWarnings("SystemOut")
    private static void report(int i) {
        System.out.println(i);
        System.out.flush();
    }
}
