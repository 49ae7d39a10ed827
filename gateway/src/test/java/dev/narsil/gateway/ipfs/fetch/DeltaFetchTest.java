package dev.narsil.gateway.ipfs.fetch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.download.DownloadFixture;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.nar.NarWriter;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DeltaFetchTest {

    private static final int MOST_OF_A_REBUILD = 50_000;
    private static final int PIECES = 200;
    private static final int PIECE_BYTES = 32 << 10;

    /** Of packages in which every kilobyte has references. */
    private static final RandomNar DENSE = new RandomNar(21, StoreDir.DEFAULT, 60, 400 << 10);

    @TempDir
    private Path directory;

    /** Returns a NAR of 6 MB with a reference here and there, which differ from build to build. */
    private static byte[] build(int number) throws IOException {
        List<Digest> digests = RandomNar.digests(number, 6);
        Random noise = new Random(1);
        ByteArrayOutputStream contents = new ByteArrayOutputStream();
        for (int i = 0; i < PIECES; i++) {
            byte[] piece = new byte[PIECE_BYTES];
            noise.nextBytes(piece);
            contents.writeBytes(piece);
            contents.writeBytes(("/nix/store/" + digests.get(i % 6) + "-dependency").getBytes(StandardCharsets.UTF_8));
        }
        ByteArrayOutputStream nar = new ByteArrayOutputStream();
        NarWriter writer = new NarWriter(nar);
        writer.regular(false, contents.toByteArray());
        writer.finish();
        return nar.toByteArray();
    }

    private static long bytesOf(Published published, Set<Cid> without) {
        return published.blocks().entrySet().stream()
                .filter(block -> !without.contains(block.getKey()))
                .mapToLong(block -> block.getValue().length)
                .sum();
    }

    /** Stores a NAR as that of a path with this name. */
    private static void store(FetchFixture fixture, byte[] nar, String name) throws IOException {
        Sha256 hash = Sha256.hash(nar);
        try (NarIngest ingest = fixture.download.store.ingest(hash, nar.length)) {
            ingest.write(nar, 0, nar.length);
            ingest.finish();
        }
        StorePath path = new StorePath(RandomNar.digests(name.hashCode(), 1).getFirst(), name);
        fixture.download
                .store
                .publish(new PathInfo(path, hash, null, nar.length, List.of(), null, null, List.of(), null, List.of()))
                .join();
    }

    @Test
    void open_otherBuildIsStored_fetchesTheRootAndLittleElse() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, build(2))) {
            store(fixture, build(1), "package-1.0");
            DownloadFixture.await(() ->
                    !fixture.fetch().names().like(fixture.download.path.path()).isEmpty());

            assertThat(fixture.download.read()).isEqualTo(build(2));

            assertThat(build(2)).hasSizeGreaterThan(6 << 20);
            assertThat(fixture.fake.given()).isLessThan(MOST_OF_A_REBUILD);
            FetchState state = fixture.fetch().state();
            assertThat(state.bytes()).isLessThan(MOST_OF_A_REBUILD);
            assertThat(state.localBytes()).isGreaterThan(build(2).length / 2);
            fixture.download.awaitIdle();
            assertThat(fixture.download.stored()).isEqualTo(build(2));
        }
    }

    @Test
    void open_otherBuildOfADensePackageIsStored_fetchesNoBlockThatBothHave() throws Exception {
        byte[] first = DENSE.bytes(RandomNar.digests(1, 6));
        byte[] second = DENSE.bytes(RandomNar.digests(2, 6));
        Set<Cid> before =
                Published.of(first, directory.resolve("first")).blocks().keySet();
        try (FetchFixture fixture = new FetchFixture(directory, second)) {
            store(fixture, first, "package-1.0");
            DownloadFixture.await(() ->
                    !fixture.fetch().names().like(fixture.download.path.path()).isEmpty());

            assertThat(fixture.download.read()).isEqualTo(second);

            assertThat(fixture.fake.given()).isEqualTo(bytesOf(fixture.published, before));
        }
    }

    @Test
    void open_otherBuildIsStoredUnderAnotherName_fetchesNoWholeBlockOfIt() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, build(2))) {
            store(fixture, build(1), "other");

            assertThat(fixture.download.read()).isEqualTo(build(2));

            assertThat(fixture.fetch().state().localBytes()).isPositive();
            assertThat(fixture.fake.given()).isLessThan(build(2).length);
        }
    }

    @Test
    void open_nothingIsStored_fetchesAll() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, build(2))) {
            assertThat(fixture.download.read()).isEqualTo(build(2));

            assertThat(fixture.fetch().state().localBlocks()).isZero();
        }
    }
}
