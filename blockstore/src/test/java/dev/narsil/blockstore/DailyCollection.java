package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A collection of what was unclaimed a day ago, with what tests of collections do all the time. */
final class DailyCollection {

    static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    static final Instant YESTERDAY = NOW.minus(Duration.ofHours(25));

    /** Collects what was unclaimed a day ago; the value of an alias is the NAR it stands for. */
    static final GarbageOptions OPTIONS =
            new GarbageOptions(NOW, NOW.minus(Duration.ofHours(24)), (_, value) -> Sha256.of(value));

    private DailyCollection() {}

    /** Collects what is due now. */
    static GarbageReport collect(TestStore store) throws IOException {
        return store.nars().collectGarbage(OPTIONS, GarbageProgress.NONE);
    }

    /** Takes a NAR in and keeps it since a time. */
    static Sha256 keep(TestStore store, byte[] nar, Instant since, Entry... records) throws IOException {
        store.ingest(nar);
        Sha256 hash = Sha256.hash(nar);
        CompletableFuture<Void> kept = store.nars().keep(hash, since, List.of(records));
        store.nars().flush();
        TestStore.await(kept);
        return hash;
    }

    /** Re-hashes everything. */
    static void assertSound(TestStore store) throws IOException {
        assertThat(store.nars().verify(VerifyProgress.NONE).problems()).isEmpty();
    }

    /** A NAR of several blocks, with a reference. */
    static byte[] nar(long seed) {
        return Nars.files(Nars.noise(seed, 200_000), Nars.reference(TestStore.digest("r" + seed)));
    }

    /** An alias for a NAR, under {@link #key}. */
    static Entry alias(int number, byte[] nar) {
        return new Entry(Table.ALIAS, key(number), Sha256.hash(nar).bytes());
    }

    /** The key of alias number {@code number}. */
    static byte[] key(int number) {
        return Nars.noise(number, Sha256.BYTES);
    }
}
