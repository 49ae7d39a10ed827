package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.PathMerge;
import dev.narsil.gateway.alias.Alias;
import dev.narsil.gateway.alias.Aliases;
import dev.narsil.gateway.http.UploadServer.Parcel;
import dev.narsil.gateway.source.Compressed;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.path.StorePath;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients upload, and what they have of it afterwards. */
class UploadTest {

    private UploadServer server;

    @BeforeEach
    void serve(@TempDir Path directory) throws IOException {
        server = new UploadServer(directory);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void put_narThenNarInfo_isServedAtOnce(Compression compression) throws IOException {
        Parcel uploaded = Parcel.small(1, compression);
        assertThat(server.get(uploaded.narInfoPath()).status()).isEqualTo(404);
        assertThat(server.head(uploaded.narPath()).status()).isEqualTo(404);
        try (RawClient client = server.client()) {
            RawResponse nar = UploadServer.put(client, uploaded.narPath(), uploaded.file());
            assertThat(nar.status()).isEqualTo(200);
            assertThat(nar.body()).isEmpty();
            assertThat(server.head(uploaded.narPath()).status()).isEqualTo(200);
            assertThat(server.get(uploaded.narInfoPath()).status()).isEqualTo(404);
            RawResponse narInfo = UploadServer.put(client, uploaded.narInfoPath(), uploaded.narInfo());
            assertThat(narInfo.status()).isEqualTo(200);
            assertThat(client.exchange("GET", uploaded.narInfoPath()).text())
                    .contains("StorePath: /nix/store/" + uploaded.info().path())
                    .contains("NarHash: " + uploaded.info().narHash())
                    .contains("Compression: none");
        }
        assertThat(server.download(uploaded.info())).isEqualTo(uploaded.nar());
    }

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            names = {"XZ", "ZSTD", "GZIP", "BZIP2", "LZ4", "LZIP"})
    void put_severalStreams_isOneNar(Compression compression) throws IOException {
        Parcel one = Parcel.small(2, compression);
        Parcel several = new Parcel(one.nar(), compression, Compressed.several(compression, one.nar()), one.info());
        assertThat(server.put(several)).containsExactly(200, 200);
        assertThat(server.download(one.info())).isEqualTo(one.nar());
    }

    @Test
    void put_chunked_isTaken() throws IOException {
        Parcel uploaded = Parcel.small(3, Compression.ZSTD);
        assertThat(chunked(uploaded.narPath(), uploaded.file()).status()).isEqualTo(200);
        assertThat(chunked(uploaded.narInfoPath(), uploaded.narInfo()).status()).isEqualTo(200);
        assertThat(server.download(uploaded.info())).isEqualTo(uploaded.nar());
    }

    private RawResponse chunked(String path, byte[] body) throws IOException {
        try (RawClient client = server.client()) {
            client.request("PUT", path, "Transfer-Encoding: chunked");
            int half = body.length / 2;
            client.send(Integer.toHexString(half) + "\r\n");
            client.send(body, 0, half);
            client.send("\r\n" + Integer.toHexString(body.length - half) + ";extension\r\n");
            client.send(body, half, body.length - half);
            client.send("\r\n0\r\n\r\n");
            return client.receive(false);
        }
    }

    @Test
    void put_bodyNotAnnounced_isTakenToo() throws IOException {
        Parcel uploaded = Parcel.small(4, Compression.XZ);
        try (RawClient client = server.client()) {
            client.request("PUT", uploaded.narPath(), "Content-Length: " + uploaded.file().length);
            client.send(uploaded.file(), 0, uploaded.file().length);
            assertThat(client.receive(false).status()).isEqualTo(200);
            client.request("PUT", uploaded.narInfoPath(), "Content-Length: " + uploaded.narInfo().length);
            client.send(uploaded.narInfo(), 0, uploaded.narInfo().length);
            assertThat(client.receive(false).status()).isEqualTo(200);
        }
    }

    @Test
    void put_narOfMegabytes_comesBackWhole() throws IOException {
        Parcel uploaded = Parcel.of(5, ServedStore.nar(5), Compression.NONE);
        assertThat(server.put(uploaded)).containsExactly(200, 200);
        assertThat(server.download(uploaded.info())).isEqualTo(uploaded.nar());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "x-gzip", "GZIP", "zstd", "xz", "br", "bzip2", "identity", "gzip, zstd", ""})
    void put_narInfoWithContentEncoding_isDecoded(String codings) throws IOException {
        Parcel uploaded = Parcel.small(6, Compression.NONE);
        assertThat(server.put(uploaded.narPath(), uploaded.file()).status()).isEqualTo(200);
        byte[] body = uploaded.narInfo();
        for (String coding : codings.split(", ", -1)) {
            body = switch (coding) {
                case "gzip", "x-gzip", "GZIP" -> Compressed.one(Compression.GZIP, body);
                case "zstd" -> Compressed.one(Compression.ZSTD, body);
                case "xz" -> Compressed.one(Compression.XZ, body);
                case "br" -> Compressed.one(Compression.BR, body);
                case "bzip2" -> Compressed.one(Compression.BZIP2, body);
                default -> body;
            };
        }
        RawResponse response = server.put(uploaded.narInfoPath(), body, "Content-Encoding: " + codings);
        assertThat(response.status()).as(response.text()).isEqualTo(200);
        assertThat(server.get(uploaded.narInfoPath()).status()).isEqualTo(200);
    }

    @Test
    void put_narInfoBeforeItsNar_is400AndSaysSo() throws IOException {
        Parcel uploaded = Parcel.small(7, Compression.XZ);
        RawResponse early = server.put(uploaded.narInfoPath(), uploaded.narInfo());
        assertThat(early.status()).isEqualTo(400);
        assertThat(early.text()).contains("its NAR is not here").contains(uploaded.url());
        assertThat(server.get(uploaded.narInfoPath()).status()).isEqualTo(404);
        assertThat(server.put(uploaded)).containsExactly(200, 200);
    }

    @Test
    void put_twoPathsOfOneNar_areBothServed() throws IOException {
        Parcel uploaded = Parcel.small(8, Compression.XZ);
        assertThat(server.put(uploaded)).containsExactly(200, 200);
        PathInfo other =
                renamed(uploaded.info(), Parcel.small(9, Compression.XZ).info().path());
        assertThat(server.put(ServedStore.narInfoPath(other), uploaded.narInfo(other))
                        .status())
                .isEqualTo(200);
        assertThat(server.get(ServedStore.narInfoPath(other)).text())
                .contains(other.narHash().toString());
    }

    @Test
    void put_narInfoAsWeServedItWithOneMoreSignature_isMerged() throws IOException {
        Parcel uploaded = Parcel.small(10, Compression.XZ);
        assertThat(server.put(uploaded)).containsExactly(200, 200);
        String first = signed(uploaded.narInfoPath(), "k1:" + "A".repeat(86) + "==");
        String second = signed(uploaded.narInfoPath(), "k2:" + "A".repeat(86) + "==");
        assertThat(first).contains("Sig: k1:").contains("Compression: none");
        assertThat(second.indexOf("Sig: k1:")).isPositive().isLessThan(second.indexOf("Sig: k2:"));
        RawResponse old = server.put(uploaded.narInfoPath(), uploaded.narInfo());
        assertThat(old.status()).isEqualTo(200);
        assertThat(server.get(uploaded.narInfoPath()).text()).isEqualTo(second);
    }

    @Test
    void get_signedByAnotherThanAnUploadMeanwhile_isRenderedAnew() throws IOException {
        Parcel uploaded = Parcel.small(15, Compression.XZ);
        assertThat(server.put(uploaded)).containsExactly(200, 200);
        assertThat(server.get(uploaded.narInfoPath()).text()).doesNotContain("Sig:");
        PathInfo signed = PathMerge.withSignatures(uploaded.info(), List.of("k1:" + "A".repeat(86) + "=="));
        server.store.publish(signed, PathMerge::keeping).join();
        assertThat(server.get(uploaded.narInfoPath()).text()).contains("Sig: k1:");
    }

    private String signed(String path, String signature) throws IOException {
        String text = server.get(path).text() + "Sig: " + signature + "\n";
        assertThat(server.put(path, text.getBytes(StandardCharsets.US_ASCII)).status())
                .isEqualTo(200);
        return server.get(path).text();
    }

    @Test
    void put_otherNarForAPath_is409AndTheFirstStays() throws IOException {
        Parcel first = Parcel.small(11, Compression.XZ);
        assertThat(server.put(first)).containsExactly(200, 200);
        Parcel second = Parcel.small(12, Compression.XZ);
        assertThat(server.put(second.narPath(), second.file()).status()).isEqualTo(200);
        PathInfo conflicting = renamed(second.info(), first.info().path());
        RawResponse refused = server.put(first.narInfoPath(), second.narInfo(conflicting));
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.text()).contains(first.info().narHash().toString());
        assertThat(server.get(first.narInfoPath()).text())
                .contains(first.info().narHash().toString());
    }

    @Test
    void put_otherNarForAPathWhereThatReplaces_replaces(@TempDir Path directory) throws IOException {
        try (UploadServer replacing = new UploadServer(
                directory, UploadServer.OPTIONS.withPolicies(false, true), (BlockStore store) -> store)) {
            Parcel first = Parcel.small(13, Compression.XZ);
            assertThat(replacing.put(first)).containsExactly(200, 200);
            Parcel second = Parcel.small(14, Compression.XZ);
            assertThat(replacing.put(second.narPath(), second.file()).status()).isEqualTo(200);
            PathInfo conflicting = renamed(second.info(), first.info().path());
            assertThat(replacing
                            .put(first.narInfoPath(), second.narInfo(conflicting))
                            .status())
                    .isEqualTo(200);
            assertThat(replacing.get(first.narInfoPath()).text())
                    .contains(second.info().narHash().toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HEAD nar", "PUT nar", "PUT narinfo", "GET nar"})
    void request_ofAnOldUpload_keepsItForAsLongAsANewOne(String request) throws IOException {
        Parcel uploaded = Parcel.small(16, Compression.XZ);
        Instant now = Instant.now();
        assertThat(server.put(uploaded.narPath(), uploaded.file()).status()).isEqualTo(200);
        Aliases aliases = new Aliases(server.store, () -> now);
        Alias fresh = aliases.find(uploaded.fileHash()).orElseThrow();
        Alias old = new Alias(
                fresh.compression(),
                fresh.version(),
                fresh.narHash(),
                fresh.narSize(),
                fresh.length(),
                fresh.uploadedLength(),
                fresh.crc32(),
                now.minus(Aliases.LIFETIME).plusSeconds(600).getEpochSecond());
        keep(uploaded, now.minus(Duration.ofHours(23)), List.of(Aliases.entry(uploaded.fileHash(), old)));

        RawResponse response = switch (request) {
            case "HEAD nar" -> server.head(uploaded.narPath());
            case "GET nar" -> server.get(uploaded.narPath());
            case "PUT nar" -> server.put(uploaded.narPath(), uploaded.file());
            default -> server.put(uploaded.narInfoPath(), uploaded.narInfo());
        };

        assertThat(response.status()).isEqualTo(200);
        server.store.flush();
        assertThat(aliases.find(uploaded.fileHash()).orElseThrow().toldSeconds())
                .isGreaterThanOrEqualTo(now.getEpochSecond());
        assertThat(server.store.hasUnclaimedNar(now.minusSeconds(1))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"HEAD", "GET"})
    void request_ofAnOldNarByItsHash_keepsItForAsLongAsANewOne(String method) throws IOException {
        Parcel uploaded = Parcel.small(17, Compression.NONE);
        Instant now = Instant.now();
        assertThat(server.put(uploaded.narPath(), uploaded.file()).status()).isEqualTo(200);
        keep(uploaded, now.minus(Duration.ofHours(23)), List.of());
        RawResponse response = method.equals("HEAD") ? server.head(uploaded.narPath()) : server.get(uploaded.narPath());
        assertThat(response.status()).isEqualTo(200);
        server.store.flush();
        assertThat(server.store.hasUnclaimedNar(now.minusSeconds(1))).isFalse();
    }

    private void keep(Parcel uploaded, Instant since, List<Entry> records) throws IOException {
        var kept = server.store.keep(uploaded.info().narHash(), since.truncatedTo(ChronoUnit.SECONDS), records);
        server.store.flush();
        kept.join();
        assertThat(server.store.hasUnclaimedNar(since.plusSeconds(1))).isTrue();
    }

    @Test
    void put_narWhoseAliasCannotBeRead_isTakenAnew() throws IOException {
        Parcel uploaded = Parcel.small(18, Compression.XZ);
        assertThat(server.put(uploaded)).containsExactly(200, 200);
        var damaged = server.store.write(
                List.of(new Entry(Table.ALIAS, uploaded.fileHash().bytes(), new byte[10])));
        server.store.flush();
        damaged.join();
        assertThat(server.head(uploaded.narPath()).status()).isEqualTo(404);
        assertThat(server.put(uploaded)).containsExactly(200, 200);
        assertThat(server.head(uploaded.narPath()).status()).isEqualTo(200);
        assertThat(server.uploads.unreadableAliases()).isPositive();
    }

    @Test
    void put_fileUnderTheSuffixOfAnotherCompression_isRememberedAsWhatItIs() throws IOException {
        Parcel uploaded = Parcel.small(19, Compression.ZSTD);
        String misnamed = "nar/" + uploaded.fileHash().toBase32() + ".nar.xz";
        assertThat(server.put("/" + misnamed, uploaded.file()).status()).isEqualTo(200);

        String right = new String(uploaded.narInfo(), StandardCharsets.US_ASCII).replace(uploaded.url(), misnamed);
        String wrong = right.replace("Compression: zstd", "Compression: xz");
        RawResponse refused = server.put(uploaded.narInfoPath(), text(wrong));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text()).contains("is zstd");
        assertThat(server.put(uploaded.narInfoPath(), text(right)).status()).isEqualTo(200);

        assertThat(server.get("/" + misnamed).status()).isEqualTo(404);
        assertThat(server.head("/" + misnamed).status()).isEqualTo(404);
        byte[] served = server.get(uploaded.narPath()).body();
        assertThat(Compression.detect(served, served.length)).contains(Compression.ZSTD);
        try (InputStream nar = Compression.ZSTD.decode(new ByteArrayInputStream(served))) {
            assertThat(nar).hasBinaryContent(uploaded.nar());
        }
    }

    @Test
    void put_plainNarUnderASuffix_isHereAsAPlainNarOnly() throws IOException {
        Parcel uploaded = Parcel.small(20, Compression.NONE);
        assertThat(server.put(uploaded.narPath() + ".xz", uploaded.file()).status())
                .isEqualTo(200);
        assertThat(server.get(uploaded.narPath() + ".xz").status()).isEqualTo(404);
        assertThat(server.get(uploaded.narPath()).body()).isEqualTo(uploaded.nar());
    }

    @Test
    void put_cacheInfo_isComparedWithOurs() throws IOException {
        assertThat(server.put("/nix-cache-info", text("StoreDir: /nix/store\n")).status())
                .isEqualTo(200);
        assertThat(server.put("/nix-cache-info", text("Priority: 1\n")).status())
                .isEqualTo(200);
        RawResponse other = server.put("/nix-cache-info", text("StoreDir: /gnu/store\n"));
        assertThat(other.status()).isEqualTo(400);
        assertThat(other.text()).contains("/nix/store").contains("/gnu/store");
        assertThat(server.put("/nix-cache-info", new byte[5000]).status()).isEqualTo(413);
        assertThat(server.get("/nix-cache-info").text()).contains("Priority: 30");
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static PathInfo renamed(PathInfo info, StorePath path) {
        return new PathInfo(
                path, info.narHash(), null, info.narSize(), List.of(), null, null, List.of(), null, List.of());
    }
}
