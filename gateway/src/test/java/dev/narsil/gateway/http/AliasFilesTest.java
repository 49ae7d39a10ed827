package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.gateway.alias.Alias;
import dev.narsil.gateway.alias.AliasMeter;
import dev.narsil.gateway.alias.Aliases;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AliasFilesTest {

    private static final byte[] NAR = new RandomNar(7, StoreDir.DEFAULT, 20, 64 << 10).bytes(RandomNar.digests(7, 3));

    @TempDir
    private Path directory;

    private ServedStore served;

    @BeforeEach
    void start() throws IOException {
        served = new ServedStore(directory);
        served.add(7, NAR);
    }

    @AfterEach
    void stop() throws IOException {
        served.close();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void get_uploadedFile_isTheNarInThatCompression(Compression compression) throws IOException {
        Alias alias = alias(compression, Instant.now());
        String path = path(compression);

        RawResponse response = served.get(path);

        assertThat(response.status()).isEqualTo(200);
        assertThat(response.headers())
                .containsEntry("content-length", Long.toString(alias.length()))
                .containsEntry("content-type", "application/x-nix-nar")
                .containsEntry("accept-ranges", "bytes")
                .containsEntry("etag", tag(compression))
                .doesNotContainKey("content-encoding");
        try (InputStream in = compression.decode(new ByteArrayInputStream(response.body()))) {
            assertThat(in.readAllBytes()).isEqualTo(NAR);
        }
        assertThat(served.get(path).body()).as("once more").isEqualTo(response.body());
        RawResponse head = served.head(path);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.headers()).isEqualTo(response.headers());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void get_ranges_areThosePartsOfTheFile(Compression compression) throws IOException {
        alias(compression, Instant.now());
        String path = path(compression);
        byte[] file = served.get(path).body();
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (RawClient client = served.client()) {
            for (int i = 0; i < 12; i++) {
                int from = random.nextInt(file.length);
                int to = from + random.nextInt(Math.min(file.length - from, 1 << random.nextInt(20)));
                assertRange(client, path, file, from, to, from + "-" + to, "seed " + seed);
            }
            int last = file.length - 1;
            assertRange(client, path, file, 0, 0, "0-0", "the first byte");
            assertRange(client, path, file, last, last, "-1", "the last byte");
            assertRange(client, path, file, last - 9, last, "-10", "the last bytes");
            assertRange(client, path, file, 1, last, "1-", "all but the first byte");
            assertRange(client, path, file, 0, last, "0-", "all");
            assertRange(client, path, file, 0, last - 1, "0-" + (last - 1), "all but the last byte");
        }
    }

    private static void assertRange(
            RawClient client, String path, byte[] file, int from, int to, String range, String what)
            throws IOException {
        RawResponse part = client.exchange("GET", path, "Range: bytes=" + range);

        assertThat(part.status()).as("%s: %s", what, range).isEqualTo(206);
        assertThat(part.header("content-range")).isEqualTo("bytes " + from + "-" + to + "/" + file.length);
        assertThat(part.body()).as("%s: %s", what, range).isEqualTo(Arrays.copyOfRange(file, from, to + 1));
    }

    @ParameterizedTest
    @EnumSource(names = {"XZ", "LZIP"})
    void get_conditionsAndImpossibleRange_areAnsweredAsForANar(Compression compression) throws IOException {
        Alias alias = alias(compression, Instant.now());
        String path = path(compression);
        String tag = tag(compression);

        RawResponse known = served.get(path, "If-None-Match: " + tag);
        assertThat(known.status()).isEqualTo(304);
        assertThat(known.header("etag")).isEqualTo(tag);
        RawResponse beyond = served.get(path, "Range: bytes=" + alias.length() + "-");
        assertThat(beyond.status()).isEqualTo(416);
        assertThat(beyond.header("content-range")).isEqualTo("bytes */" + alias.length());
        assertThat(served.get(path, "Range: bytes=0-9", "If-Range: " + tag).status())
                .isEqualTo(206);
        assertThat(served.get(path, "Range: bytes=0-9", "If-Range: \"other\"").status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"XZ,''", "XZ,.zst", "ZSTD,.xz", "GZIP,.gz", "LZMA,.lzma", "LZIP,.lz", "BZIP2,.bzip2"})
    void get_otherSuffix_is404(Compression compression, String suffix) throws IOException {
        alias(compression, Instant.now());

        assertThat(served.get("/nar/" + fileHash(compression).toBase32() + ".nar" + suffix)
                        .status())
                .isEqualTo(404);
    }

    @Test
    void get_narByItsOwnHash_isThePlainNar() throws IOException {
        alias(Compression.XZ, Instant.now());
        String path = "/nar/" + Sha256.hash(NAR).toBase32() + ".nar";

        assertThat(served.get(path).body()).isEqualTo(NAR);
        assertThat(served.get(path + ".xz").status()).isEqualTo(404);
    }

    @Test
    void get_fileThatNobodyUploaded_is404() throws IOException {
        assertThat(served.get(path(Compression.XZ)).status()).isEqualTo(404);
        assertThat(served.get(path(Compression.GZIP)).status()).isEqualTo(404);
    }

    @Test
    void get_fileUploadedTooLongAgo_is404() throws IOException {
        alias(Compression.XZ, Instant.now().minus(Aliases.LIFETIME).minusSeconds(60));
        alias(Compression.ZSTD, Instant.now().minus(Aliases.LIFETIME).plus(Duration.ofHours(1)));

        assertThat(served.head(path(Compression.XZ)).status()).isEqualTo(404);
        assertThat(served.head(path(Compression.ZSTD)).status()).isEqualTo(200);
    }

    @Test
    void get_fileWhoseNarIsGoneOrAnother_is404() throws IOException {
        Alias real = alias(Compression.BZIP2, Instant.now());
        write(
                fileHash(Compression.BZIP2),
                new Alias(
                        Compression.BZIP2,
                        real.version(),
                        Sha256.hash(new byte[1]),
                        real.narSize(),
                        real.length(),
                        real.uploadedLength(),
                        0,
                        real.toldSeconds()));
        assertThat(served.get(path(Compression.BZIP2)).status()).isEqualTo(404);

        write(
                fileHash(Compression.BZIP2),
                new Alias(
                        Compression.BZIP2,
                        real.version(),
                        real.narHash(),
                        real.narSize() + 1,
                        real.length(),
                        real.uploadedLength(),
                        0,
                        real.toldSeconds()));
        assertThat(served.get(path(Compression.BZIP2)).status()).isEqualTo(404);
    }

    @Test
    void get_moreComputedFilesThanTheBoundOneAfterAnother_areAllServed() throws IOException {
        alias(Compression.LZMA, Instant.now());
        String path = path(Compression.LZMA);
        try (RawClient client = served.client()) {
            for (int i = 0; i <= EncoderThreads.MAX_FILES; i++) {
                assertThat(client.exchange("GET", path, "Range: bytes=" + i + "-99")
                                .status())
                        .isEqualTo(206);
            }
        }
    }

    @Test
    void get_clientGoesWhileAFarRangeIsComputed_endsTheWork() throws Exception {
        byte[] nar = ServedStore.largeNar(4, 12 << 20);
        served.add(4, nar);
        Alias alias = alias(Compression.BZIP2, nar, Instant.now());
        try (RawClient client = served.client()) {
            client.request("GET", path(Compression.BZIP2), "Range: bytes=" + (alias.length() - 10) + "-");
            served.await(c -> c.narBytesRead() > 0 || c.responsesInFlight() == 1);
            client.vanish();
        }

        ServerCounters after = served.await(c -> c.responsesInFlight() == 0);
        assertThat(after.narsServed()).isZero();
        assertThat(after.lostResponses()).isEqualTo(1);
    }

    private Alias alias(Compression compression, Instant created) throws IOException {
        return alias(compression, NAR, created);
    }

    private Alias alias(Compression compression, byte[] nar, Instant created) throws IOException {
        try (AliasMeter meter = new AliasMeter(compression)) {
            meter.write(nar);
            Alias alias = meter.finish(Sha256.hash(nar), 1234, created);
            write(fileHash(compression), alias);
            return alias;
        }
    }

    private void write(Sha256 fileHash, Alias alias) throws IOException {
        var written = served.store.write(List.of(Aliases.entry(fileHash, alias)));
        served.store.expedite();
        written.join();
    }

    private static Sha256 fileHash(Compression compression) {
        return Sha256.hash(compression.toString().getBytes(StandardCharsets.US_ASCII));
    }

    private static String path(Compression compression) {
        return "/nar/" + fileHash(compression).toBase32() + ".nar" + compression.fileSuffix();
    }

    private static String tag(Compression compression) {
        return "\"" + fileHash(compression).toBase32() + "-" + compression + "-1\"";
    }
}
