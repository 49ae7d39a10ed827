package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.StoreException;
import dev.narsil.gateway.http.UploadServer.Parcel;
import dev.narsil.gateway.source.Compressed;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.upload.BodyPipe;
import dev.narsil.gateway.upload.UploadOptions;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The two phases of an upload on the wire: which statuses come when, and what of the body is asked for. */
class UploadPhasesTest {

    /** What may be said once a body may have been sent (protocol rule 14). */
    private static final Set<Integer> AFTER_BODY = Set.of(200, 201, 204, 400, 401, 403, 409, 413, 501, 505);

    private static final String HASH = "08b557fqkzahgiadnl969sq8rrp2l7y1niwb84cnsksybrjrppb2";
    private static final String DIGEST = "9n4c3zysg0zr27gw3a8kfp6xfa8zk6gz";

    private @TempDir Path directory = Path.of("");
    private @Nullable UploadServer server;
    private final AtomicBoolean slowLookUps = new AtomicBoolean();
    private final AtomicBoolean failingWrites = new AtomicBoolean();

    @BeforeEach
    void serve() throws IOException {
        serve(UploadServer.OPTIONS);
    }

    private void serve(UploadOptions options) throws IOException {
        close();
        server = new UploadServer(directory, options, this::troubled);
    }

    @AfterEach
    void close() throws IOException {
        if (server != null) {
            server.close();
        }
    }

    private UploadServer server() {
        return java.util.Objects.requireNonNull(server);
    }

    /** A store that takes longer than a client waits for the first answer, or has a full disk. */
    private BlockStore troubled(BlockStore store) {
        return (BlockStore) Proxy.newProxyInstance(
                BlockStore.class.getClassLoader(), new Class<?>[] {BlockStore.class}, (proxy, method, arguments) -> {
                    if (slowLookUps.get() && method.getName().equals("get") && arguments[0] == BlockStore.Table.ALIAS) {
                        LockSupport.parkNanos(Duration.ofMillis(1200).toNanos());
                    }
                    if (failingWrites.get() && method.getName().equals("commit")) {
                        throw new StoreException(StoreException.Kind.FULL, "no space left");
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void put_bodyWanted_continueComesFirst() throws IOException {
        Parcel uploaded = Parcel.small(1, Compression.XZ);
        try (RawClient client = server().client()) {
            announce(client, uploaded.narPath(), uploaded.file().length);
            RawResponse interim = client.receive(false);
            assertThat(interim.status()).isEqualTo(100);
            assertThat(interim.headers()).isEmpty();
            client.send(uploaded.file(), 0, uploaded.file().length);
            assertThat(client.receive(false).status()).isEqualTo(200);
            assertThat(client.exchange("GET", "/nix-cache-info").status())
                    .as("kept alive")
                    .isEqualTo(200);
        }
    }

    @Test
    void put_narThatIsHere_is200WithoutBodyAndCloses() throws IOException {
        Parcel uploaded = Parcel.small(2, Compression.XZ);
        assertThat(server().put(uploaded)).containsExactly(200, 200);
        assertSaidInstead(uploaded.narPath(), uploaded.file().length, 200);
        assertSaidInstead(ServedStore.narPath(uploaded.info()), 1 << 30, 200);
    }

    @Test
    void put_narThatIsHereButNotClaimed_is200AndIsKeptAnew() throws IOException {
        Parcel uploaded = Parcel.small(3, Compression.ZSTD);
        assertThat(server().put(uploaded.narPath(), uploaded.file()).status()).isEqualTo(200);
        assertSaidInstead(uploaded.narPath(), uploaded.file().length, 200);
        assertThat(server().put(uploaded.narInfoPath(), uploaded.narInfo()).status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nar/0" + HASH + ".nar",
                "/nar/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee.nar",
                "/nar/" + HASH + ".nar.",
                "/nar/" + HASH + ".nar/x",
                "/nar/../" + DIGEST + ".narinfo",
                "/nar%2f" + HASH + ".nar",
                "/eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee.narinfo",
                "/../" + DIGEST + ".narinfo",
                "//" + DIGEST + ".narinfo",
                "/" + DIGEST + ".narinfo?x",
                "/log/..",
                "/log/../" + DIGEST + "-a.drv",
                "/log/" + DIGEST + "-a",
                "/log/" + DIGEST + "-%2e%2e%2fa.drv",
                "/log/" + DIGEST + "-a%00.drv",
                "/log/" + DIGEST + "-a/../../b.drv",
                "/realisations/x.doi",
                "/build-trace-v2/" + DIGEST + "-a.drv/../out.doi",
                "/debuginfo/../nix-cache-info",
                "/debuginfo/%2e%2e/nix-cache-info",
                "/index.html",
                "/log",
                "/..",
                "*"
            })
    void put_pathOfNothing_is400WithoutBody(String path) throws IOException {
        assertSaidInstead(path, 100, 400);
    }

    @Test
    void put_pathOverLong_is400WithoutBody() throws IOException {
        assertSaidInstead("/log/" + DIGEST + "-" + "a".repeat(208) + ".drv", 100, 400);
    }

    @Test
    void put_longerThanIsTaken_is413WithoutBody() throws IOException {
        serve(UploadServer.OPTIONS.withLimits(1000, 10, BodyPipe.Pace.DEFAULT));
        assertSaidInstead("/nar/" + HASH + ".nar", 1001, 413);
        assertSaidInstead("/" + DIGEST + ".narinfo", 3 << 20, 413);
        assertSaidInstead("/" + DIGEST + ".ls", 65 << 20, 413);
        assertSaidInstead("/log/" + DIGEST + "-a.drv", 65 << 20, 413);
        assertSaidInstead("/debuginfo/" + "0".repeat(40) + ".debug", 65 << 10, 413);
        assertSaidInstead("/realisations/sha256:" + "0".repeat(64) + "!out.doi", 2 << 20, 413);
        assertSaidInstead("/nix-cache-info", 5000, 413);
    }

    @Test
    void put_codingUnknown_is400WithoutBody() throws IOException {
        assertSaidInstead("/" + DIGEST + ".narinfo", 100, 400, "Content-Encoding: deflate");
        assertSaidInstead("/" + DIGEST + ".ls", 100, 400, "Content-Encoding: gzip, gzip, gzip");
    }

    @Test
    void put_diskFull_is503WithoutBodyAndWorksLater() throws IOException {
        Parcel uploaded = Parcel.small(4, Compression.XZ);
        server().usableBytes.set(uploaded.file().length - 1);
        RawResponse busy = assertSaidInstead(uploaded.narPath(), uploaded.file().length, 503);
        assertThat(busy.header("Retry-After")).isNotBlank();
        assertThat(busy.text()).contains("disk").contains("full");
        server().usableBytes.set(Long.MAX_VALUE / 2);
        assertThat(server().put(uploaded)).containsExactly(200, 200);
    }

    @Test
    void put_severalThatFitOneByOneOnly_theSecondIs503UntilTheFirstEnds() throws Exception {
        Parcel first = Parcel.small(20, Compression.XZ);
        Parcel second = Parcel.small(21, Compression.XZ);
        server().usableBytes.set(first.file().length + second.file().length - 1);
        try (RawClient client = server().client()) {
            announce(client, first.narPath(), first.file().length);
            assertThat(client.receive(false).status()).isEqualTo(100);
            RawResponse busy = assertSaidInstead(second.narPath(), second.file().length, 503);
            assertThat(busy.header("Retry-After")).isNotBlank();
            client.send(first.file(), 0, first.file().length);
            assertThat(client.receive(false).status()).isEqualTo(200);
        }
        while (server().uploads.narsInFlight() > 0) {
            Thread.sleep(1);
        }
        assertThat(server().put(second.narPath(), second.file()).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource(value = Compression.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void put_narInfoWithRubbishAfterItsCoding_is400(Compression coding) throws IOException {
        Parcel uploaded = Parcel.small(22, Compression.XZ);
        assertThat(server().put(uploaded.narPath(), uploaded.file()).status()).isEqualTo(200);
        byte[] coded = Compressed.one(coding, uploaded.narInfo());
        byte[] body = Compressed.concat(coded, "rubbish".getBytes(StandardCharsets.US_ASCII));
        RawResponse refused = server().put(uploaded.narInfoPath(), body, "Content-Encoding: " + coding);
        assertThat(refused.status()).as(refused.text()).isEqualTo(400);
        assertThat(server().put(uploaded.narInfoPath(), coded, "Content-Encoding: " + coding)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void put_tooManyAtATime_is503WithoutBodyAndWorksLater() throws IOException {
        serve(UploadServer.OPTIONS.withLimits(1 << 20, 1, BodyPipe.Pace.DEFAULT));
        Parcel uploaded = Parcel.small(5, Compression.XZ);
        try (RawClient first = server().client()) {
            announce(first, uploaded.narPath(), uploaded.file().length);
            assertThat(first.receive(false).status()).isEqualTo(100);
            Parcel other = Parcel.small(6, Compression.XZ);
            RawResponse busy = assertSaidInstead(other.narPath(), other.file().length, 503);
            assertThat(busy.header("Retry-After")).isNotBlank();
            first.send(uploaded.file(), 0, uploaded.file().length);
            assertThat(first.receive(false).status()).isEqualTo(200);
        }
    }

    @Test
    void put_diskFullAndClientDoesNotWait_is501() throws IOException {
        server().usableBytes.set(0);
        Parcel uploaded = Parcel.small(7, Compression.XZ);
        try (RawClient client = server().client()) {
            client.request("PUT", uploaded.narPath(), "Content-Length: " + uploaded.file().length);
            client.send(uploaded.file(), 0, uploaded.file().length);
            assertThat(client.receive(false).status()).isEqualTo(501);
        }
    }

    @Test
    void put_narThatIsHereAndClientDoesNotWait_is200AfterTheBody() throws IOException {
        Parcel uploaded = Parcel.small(8, Compression.XZ);
        assertThat(server().put(uploaded)).containsExactly(200, 200);
        try (RawClient client = server().client()) {
            client.request("PUT", uploaded.narPath(), "Content-Length: " + uploaded.file().length);
            client.send(uploaded.file(), 0, uploaded.file().length);
            assertThat(client.receive(false).status()).isEqualTo(200);
            assertThat(client.exchange("GET", "/nix-cache-info").status()).isEqualTo(200);
        }
    }

    @Test
    void put_admittedTooLate_rulesOfTheSecondPhaseApply() throws IOException {
        Parcel here = Parcel.small(9, Compression.XZ);
        assertThat(server().put(here)).containsExactly(200, 200);
        slowLookUps.set(true);
        try (RawClient client = server().client()) {
            announce(client, here.narPath(), here.file().length);
            assertThat(client.receive(false).status()).isEqualTo(100);
            client.send(here.file(), 0, here.file().length);
            assertThat(client.receive(false).status()).isEqualTo(200);
            assertThat(client.exchange("GET", "/nix-cache-info").status()).isEqualTo(200);
        }
        server().usableBytes.set(0);
        try (RawClient client = server().client()) {
            announce(client, Parcel.small(10, Compression.XZ).narPath(), 1000);
            client.send("x".repeat(1000));
            assertThat(client.receive(false).status()).isEqualTo(501);
        }
    }

    @Test
    void put_storageFailsAfterContinue_is501WithText() throws IOException {
        Parcel uploaded = Parcel.small(11, Compression.XZ);
        failingWrites.set(true);
        RawResponse failed = server().put(uploaded.narPath(), uploaded.file());
        assertThat(failed.status()).isEqualTo(501);
        assertThat(failed.text()).contains("disk").contains("full");
        RawResponse log = server().put("/log/" + DIGEST + "-a.drv", new byte[10]);
        assertThat(log.status()).isEqualTo(501);
        failingWrites.set(false);
        assertThat(server().put(uploaded)).containsExactly(200, 200);
    }

    @Test
    void put_bodyOfAnotherHash_is400AndNothingStays() throws IOException {
        Parcel uploaded = Parcel.small(12, Compression.XZ);
        Parcel other = Parcel.small(13, Compression.XZ);
        RawResponse refused = refused(uploaded.narPath(), other.file());
        assertThat(refused.text())
                .contains(other.fileHash().toString())
                .contains(uploaded.fileHash().toString());
        assertThat(server().store.hasNar(other.info().narHash())).isFalse();
    }

    @Test
    void put_bodyThatIsNoNar_is400() throws IOException {
        byte[] text = "This is not a NAR, by far.".getBytes(StandardCharsets.US_ASCII);
        assertThat(refusedFile(text, "").text()).contains("neither a NAR nor");
        assertThat(refusedFile(new byte[0], "").text()).contains("neither a NAR nor");
        assertThat(refusedFile(Compressed.one(Compression.XZ, text), ".xz").text())
                .contains("bad NAR at offset 0");
        assertThat(refusedFile(text, ".br").text()).contains("bad br file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"XZ", "ZSTD", "GZIP", "BZIP2", "LZ4", "LZIP", "LZMA", "BR", "NONE"})
    void put_bodyCutOrContinued_is400(Compression compression) throws IOException {
        Parcel uploaded = Parcel.small(14, compression);
        byte[] file = uploaded.file();
        refusedFile(Arrays.copyOf(file, file.length / 2), compression.fileSuffix());
        refusedFile(Arrays.copyOf(file, file.length - 1), compression.fileSuffix());
        refusedFile(Compressed.concat(file, "rubbish".getBytes(StandardCharsets.US_ASCII)), compression.fileSuffix());
        assertThat(server().store.hasNar(uploaded.info().narHash())).isFalse();
        assertThat(server().put(uploaded)).containsExactly(200, 200);
    }

    @Test
    void put_narNotAsNixWritesIt_is400UnlessAllowed() throws IOException {
        byte[] nar = Parcel.small(15, Compression.NONE).nar();
        byte[] longer = Arrays.copyOf(nar, nar.length + 8);
        Parcel odd = Parcel.of(16, longer, Compression.XZ);
        assertThat(refused(odd.narPath(), odd.file()).text()).contains("bytes after the end of the NAR");
        assertThat(server().store.hasNar(odd.info().narHash())).isFalse();
        serve(UploadServer.OPTIONS.withPolicies(true, false));
        assertThat(server().put(odd)).containsExactly(200, 200);
        assertThat(server().download(odd.info())).isEqualTo(longer);
    }

    @Test
    void put_narTooLongWhenDecoded_is413() throws IOException {
        serve(UploadServer.OPTIONS.withLimits(100_000, 10, BodyPipe.Pace.DEFAULT));
        Parcel bomb = Parcel.of(17, ServedStore.largeNar(17, 0), Compression.NONE);
        assertThat(server().put(bomb)).containsExactly(200, 200);
        byte[] nar = new byte[200_000];
        System.arraycopy(ServedStore.largeNar(18, 199_000), 0, nar, 0, 199_000);
        Arrays.fill(nar, 1000, 199_000, (byte) 0);
        Parcel larger = Parcel.of(18, nar, Compression.XZ);
        assertThat(larger.file().length).isLessThan(10_000);
        assertThat(server().put(larger.narPath(), larger.file()).status()).isEqualTo(413);
    }

    @Test
    void put_clientStalls_isReset() throws IOException {
        serve(UploadServer.OPTIONS.withLimits(1 << 20, 10, new BodyPipe.Pace(Duration.ofMillis(300), 1)));
        Parcel uploaded = Parcel.small(19, Compression.XZ);
        try (RawClient client = server().client()) {
            announce(client, uploaded.narPath(), uploaded.file().length);
            assertThat(client.receive(false).status()).isEqualTo(100);
            client.send(uploaded.file(), 0, uploaded.file().length - 1);
            assertThat(client.isReset()).isTrue();
        }
        assertThat(server().put(uploaded)).containsExactly(200, 200);
    }

    @Test
    void put_refusedInTheMiddleOfTheBody_answerArrivesAndConnectionCloses() throws IOException {
        try (RawClient client = server().client()) {
            announce(client, "/nar/" + HASH + ".nar", 1 << 30);
            assertThat(client.receive(false).status()).isEqualTo(100);
            client.send("x".repeat(100_000));
            RawResponse refused = client.receive(false);
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.header("Connection")).isEqualTo("close");
            client.send("x".repeat(100_000));
            assertThat(client.isClosed()).isTrue();
        }
    }

    /** Announces a body as curl does. */
    private static void announce(RawClient client, String path, long length, String... headers) throws IOException {
        client.request("PUT", path, UploadServer.all(headers, "Content-Length: " + length, "Expect: 100-continue"));
    }

    /** Sees that a request is answered instead of 100 Continue, and that the connection ends. */
    private RawResponse assertSaidInstead(String path, long length, int status, String... headers) throws IOException {
        try (RawClient client = server().client()) {
            announce(client, path, length, headers);
            RawResponse response = client.receive(false);
            assertThat(response.status()).as(path + ": " + response.text()).isEqualTo(status);
            assertThat(response.header("Connection")).isEqualTo("close");
            assertThat(client.isClosed()).isTrue();
            return response;
        }
    }

    private RawResponse refusedFile(byte[] file, String suffix) throws IOException {
        return refused("/nar/" + Sha256.hash(file).toBase32() + ".nar" + suffix, file);
    }

    private RawResponse refused(String path, byte[] file) throws IOException {
        try (RawClient client = server().client()) {
            announce(client, path, file.length);
            assertThat(client.receive(false).status()).isEqualTo(100);
            client.send(file, 0, file.length);
            RawResponse response = client.receive(false);
            assertThat(response.status()).isIn(AFTER_BODY).isEqualTo(400);
            assertThat(response.text()).isNotBlank();
            return response;
        }
    }
}
