package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.Seeds;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.testing.RandomNar;
import dev.narsil.rewrite.testing.Splits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What ingests take in comes back, however it comes. */
class NarIngestTest {

    static LongStream seeds() {
        return Seeds.fresh(12);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void ingest_randomNarInRandomPieces_comesBack(long seed, @TempDir Path directory) throws IOException {
        Random random = new Random(seed);
        List<Digest> digests = RandomNar.digests(seed, random.nextInt(40));
        byte[] nar = RandomNar.of(seed).bytes(digests);
        Sha256 hash = Sha256.hash(nar);
        try (TestStore store = TestStore.open(directory)) {
            IngestedNar ingested;
            try (NarIngest ingest = store.nars().ingest(hash, nar.length)) {
                Splits.random(nar, 1 + random.nextInt(300_000), random, ingest::write);
                ingested = ingest.finish();
            }
            assertThat(ingested.narHash()).isEqualTo(hash);
            assertThat(ingested.narSize()).isEqualTo(nar.length);
            assertThat(ingested.opaqueReason()).isNull();
            assertThat(ingested.holes()).isGreaterThanOrEqualTo(digests.size());
            store.nars().flush();
            assertThat(store.read(hash)).isEqualTo(nar);
        }
        try (TestStore store = TestStore.open(directory)) {
            assertThat(store.read(hash)).isEqualTo(nar);
            assertThat(store.nars().verify(VerifyProgress.NONE).problems()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void ingest_howeverTheNarIsSplit_storesTheSameBlocks(long seed, @TempDir Path directory) throws IOException {
        Random random = new Random(seed);
        byte[] nar = Nars.random(seed);
        Sha256 hash = Sha256.hash(nar);
        try (TestStore store = TestStore.open(directory)) {
            store.add("first", nar);
            StoreStats first = store.nars().stats();
            for (int longest : new int[] {7, 1 << 10, 64 << 10, nar.length}) {
                try (NarIngest ingest = store.nars().ingest(hash, nar.length)) {
                    Splits.random(nar, longest, random, ingest::write);
                    ingest.finish();
                }
                store.nars().flush();
            }
            StoreStats again = store.nars().stats();
            assertThat(again.blocks()).isEqualTo(first.blocks());
            assertThat(again.recipes()).isEqualTo(1);
            assertThat(again.nars()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void ingest_notAnnounced_tellsHashAndSizeAndComesBack(long seed, @TempDir Path directory) throws IOException {
        Random random = new Random(seed);
        byte[] nar = RandomNar.of(seed).bytes(RandomNar.digests(seed, random.nextInt(40)));
        try (TestStore store = TestStore.open(directory)) {
            IngestedNar ingested;
            try (NarIngest ingest = store.nars().ingest((long) nar.length)) {
                Splits.random(nar, 1 + random.nextInt(300_000), random, ingest::write);
                ingested = ingest.finish();
            }
            assertThat(ingested.narHash()).isEqualTo(Sha256.hash(nar));
            assertThat(ingested.narSize()).isEqualTo(nar.length);
            store.nars().flush();
            assertThat(store.read(ingested.narHash())).isEqualTo(nar);
        }
    }

    @Test
    void ingest_notAnnouncedAndLongerThanAllowed_isRefused(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.file(Nars.noise(1, 1000));
        try (TestStore store = TestStore.open(directory);
                NarIngest ingest = store.nars().ingest(nar.length - 1L)) {
            assertThatThrownBy(() -> ingest.write(nar, 0, nar.length))
                    .isInstanceOf(NarMismatchException.class)
                    .hasMessage("the NAR has more than " + (nar.length - 1) + " bytes");
        }
    }

    @Test
    void ingest_emptyDirectory_comesBack(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.files();
        assertThat(nar).hasSize(96);
        try (TestStore store = TestStore.open(directory)) {
            PathInfo info = store.add("empty", nar);
            assertThat(store.read(info.narHash())).isEqualTo(nar);
            assertThat(store.nars().stats().blocks()).isEqualTo(1);
        }
    }

    @Test
    void ingest_fileLargerThanManyPacks_comesBackFromPacksAsTheyAre(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.file(Nars.noise(1, 9 << 20));
        try (TestStore store = TestStore.open(directory)) {
            PathInfo info = store.add("noise", nar);
            StoreStats stats = store.nars().stats();
            assertThat(stats.packs()).isGreaterThan(8);
            assertThat(stats.strippedUniqueBytes()).isEqualTo(nar.length);
            assertThat(stats.packBytes()).isBetween((long) nar.length, nar.length + nar.length / 50L);
            assertThat(store.read(info.narHash())).isEqualTo(nar);
        }
    }

    @Test
    void ingest_zerosThatAreNoHoles_comeBackAsZeros(@TempDir Path directory) throws IOException {
        Digest digest = TestStore.digest("some");
        byte[] contents = Nars.concat(
                new byte[32],
                Nars.reference(digest),
                new byte[32],
                Nars.ascii("/nix/store/"),
                new byte[32],
                Nars.ascii("-x eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee 00000000000000000000000000000000 "),
                new byte[64]);
        byte[] nar = Nars.file(contents);
        try (TestStore store = TestStore.open(directory)) {
            assertThat(store.ingest(nar).holes()).isEqualTo(1);
            store.nars().flush();
            assertThat(store.read(Sha256.hash(nar))).isEqualTo(nar);
        }
    }

    @Test
    void ingest_moreDigestsThanHolesMayBe_comesBack(@TempDir Path directory) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            text.append("/nix/store/").append(TestStore.digest("digest" + i)).append('-');
        }
        for (int i = 0; i < 9000; i++) {
            text.append(TestStore.digest("digest" + i % 7)).append('/');
        }
        byte[] nar = Nars.file(Nars.ascii(text.toString()));
        try (TestStore store = TestStore.open(directory)) {
            assertThat(store.ingest(nar).holes()).isBetween(1000L, nar.length / 64 + 65L);
            store.nars().flush();
            assertThat(store.read(Sha256.hash(nar))).isEqualTo(nar);
        }
    }

    @Test
    void ingest_usedAfterItsClose_isRefusedAndLeavesTheNextAlone(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(8);
        Sha256 hash = Sha256.hash(nar);
        try (TestStore store = TestStore.open(directory)) {
            NarIngest closed = store.nars().ingest(hash, nar.length);
            closed.write(nar, 0, 1000);
            closed.close();
            closed.close();
            try (NarIngest next = store.nars().ingest(hash, nar.length);
                    NarIngest other = store.nars().ingest(hash, nar.length)) {
                next.write(nar, 0, nar.length / 2);
                assertThatThrownBy(() -> closed.write(nar, 1000, 1000)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(closed::finish).isInstanceOf(IllegalStateException.class);
                other.write(nar, 0, nar.length);
                next.write(nar, nar.length / 2, nar.length - nar.length / 2);
                next.finish();
                other.finish();
            }
            store.nars().flush();
            assertThat(store.read(hash)).isEqualTo(nar);
        }
    }
}
