package dev.narsil.gateway.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.ScriptedServer.Request;
import dev.narsil.gateway.source.ScriptedServer.Response;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSourceTest {

    private static final RetryPolicy QUICK =
            new RetryPolicy(4, Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofSeconds(20));
    private static final RetryPolicy IMPATIENT =
            new RetryPolicy(2, Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMillis(200));
    private static final Digest DIGEST = Digest.parse("9n4c3zysg0zr27gw3a8kfp6xfa8zk6gz");
    private static final byte[] FILE = file(3_000_000);

    /** For files that are cut: how much of what was sent arrives then depends on how busy the machine is. */
    private static final RetryPolicy PERSISTENT =
            new RetryPolicy(1000, Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofSeconds(60));

    private final AtomicReference<Function<Request, Response>> script =
            new AtomicReference<>(request -> Response.of(404, "no"));
    private final ScriptedServer server = start();
    private HttpSource source = new HttpSource(server.url(), StoreDir.DEFAULT, QUICK);

    private ScriptedServer start() {
        try {
            return new ScriptedServer(request -> script.get().apply(request));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() throws IOException {
        source.close();
        server.close();
    }

    @Test
    void narInfo_there_isRead() throws IOException {
        script.set(request -> Response.of(200, text("nar/x.nar")));

        assertThat(source.narInfo(DIGEST).orElseThrow().url()).isEqualTo("nar/x.nar");
        assertThat(server.targets()).containsExactly("/" + DIGEST + ".narinfo");
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 403, 410})
    void narInfo_statusThatMeansAbsent_isEmptyAndConnectionsAreKept(int status) throws IOException {
        script.set(request -> Response.of(status, "nothing here"));

        for (int i = 0; i < 50; i++) {
            assertThat(source.narInfo(DIGEST)).isEmpty();
        }
        assertThat(server.connectionsAccepted()).isLessThan(10);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 416, 501, 505, 511, 204})
    void narInfo_statusThatIsFinal_failsAtOnce(int status) {
        script.set(request -> Response.of(status, ""));

        assertThatThrownBy(() -> source.narInfo(DIGEST))
                .isInstanceOf(SourceException.class)
                .hasMessageEndingWith("HTTP status " + status);
        assertThat(server.requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 502, 503, 504})
    void narInfo_statusThatMayPass_isTriedAgain(int status) throws IOException {
        AtomicInteger count = new AtomicInteger();
        script.set(request -> count.incrementAndGet() < 4
                ? Response.of(status, "later").with("Retry-After", "1")
                : Response.of(200, text("nar/x.nar")));

        assertThat(source.narInfo(DIGEST)).isPresent();
        assertThat(server.requests()).hasSize(4);
    }

    @Test
    void narInfo_statusThatDoesNotPass_failsAfterAllAttempts() {
        script.set(request -> Response.of(503, "later"));

        assertThatThrownBy(() -> source.narInfo(DIGEST))
                .isInstanceOf(SourceException.class)
                .hasMessage(server.url() + "/" + DIGEST + ".narinfo: HTTP status 503 (tried 4 times)");
    }

    @Test
    void narInfo_bodyCut_isTriedAgain() throws IOException {
        AtomicInteger count = new AtomicInteger();
        script.set(request -> {
            Response whole = Response.of(200, text("nar/x.nar"));
            return count.incrementAndGet() < 3 ? whole.cutAfter(20) : whole;
        });

        assertThat(source.narInfo(DIGEST)).isPresent();
        assertThat(server.requests()).hasSize(3);
    }

    @Test
    void narInfo_serverThatNeverAnswers_failsAfterTheTimeouts() {
        CountDownLatch never = new CountDownLatch(1);
        script.set(request -> {
            awaitQuietly(never);
            return Response.of(404, "");
        });
        useSource(server.url(), IMPATIENT);

        assertThatThrownBy(() -> source.narInfo(DIGEST))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("(tried 2 times)");
        never.countDown();
    }

    @Test
    void narInfo_noServer_failsAfterAllAttempts() throws IOException {
        int port;
        try (ServerSocket unused = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = unused.getLocalPort();
        }
        useSource("http://127.0.0.1:" + port, QUICK);

        assertThatThrownBy(() -> source.narInfo(DIGEST))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("(tried 4 times)");
    }

    @Test
    void narInfo_compressedAlthoughNotAsked_isRead() throws IOException {
        byte[] zstd = Compressed.one(Compression.ZSTD, text("nar/x.nar").getBytes(StandardCharsets.ISO_8859_1));
        script.set(request -> Response.of(200, zstd).with("Content-Encoding", "zstd"));

        assertThat(source.narInfo(DIGEST)).isPresent();
        assertThat(server.requests().getFirst().header("Accept-Encoding")).isNull();
    }

    @Test
    void narInfo_redirected_isFollowed() throws IOException {
        script.set(request -> request.target().startsWith("/other/")
                ? Response.of(200, text("nar/x.nar"))
                : Response.of(307, "").with("Location", "/other" + request.target()));

        assertThat(source.narInfo(DIGEST)).isPresent();
    }

    @Test
    void narInfo_redirectedForEver_fails() {
        script.set(request -> Response.of(302, "").with("Location", request.target() + "x"));

        assertThatThrownBy(() -> source.narInfo(DIGEST)).hasMessageContaining("more than 10 redirections");
        assertThat(server.requests()).hasSize(11);
    }

    @Test
    void narInfo_userInfo_isSentToThatServerOnlyAndNeverTold() throws IOException {
        try (ScriptedServer other = new ScriptedServer(request -> Response.of(200, text("nar/x.nar")))) {
            script.set(request -> Response.of(302, "").with("Location", other.url() + request.target()));
            useSource(server.url().replace("http://", "http://me:p%40ss@"), QUICK);

            assertThat(source.narInfo(DIGEST)).isPresent();

            assertThat(server.requests().getFirst().header("Authorization")).isEqualTo("Basic bWU6cEBzcw==");
            assertThat(other.requests().getFirst().header("Authorization")).isNull();
            assertThat(source.describe()).isEqualTo(server.url());
            script.set(request -> Response.of(501, ""));
            assertThatThrownBy(() -> source.narInfo(DIGEST))
                    .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("me:", "p@ss", "p%40ss"));
        }
    }

    @Test
    void openFile_urlForms_areResolvedAgainstTheRoot() throws IOException {
        script.set(request -> Response.of(200, "x"));
        useSource(server.url() + "/sub/path//?priority=1", QUICK);

        for (String url : new String[] {"nar/x?sha256=1", "../y", server.url() + "/z", "a/../b"}) {
            try (InputStream in = source.openFile(info(url))) {
                assertThat(in.readAllBytes()).hasSize(1);
            }
        }

        assertThat(server.targets()).containsExactly("/sub/path/nar/x?sha256=1", "/sub/y", "/z", "/sub/path/b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://x", "file:///etc/passwd", "http://u:p@127.0.0.1/x", "a b", "http:///x", "nar/%zz"})
    void openFile_urlThatLeadsElsewhere_isRefused(String url) {
        assertThatThrownBy(() -> source.openFile(info(url))).isInstanceOf(SourceException.class);
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void openFile_missing_saysWhich() {
        assertThatThrownBy(() -> source.openFile(info("nar/x.nar")))
                .isInstanceOf(SourceException.class)
                .hasMessage("there is no file " + server.url() + "/nar/x.nar");
    }

    @Test
    void openFile_cutTwice_isContinuedByRange() throws IOException {
        useSource(server.url(), PERSISTENT);
        script.set(request -> {
            Response rest = rest(request);
            return from(request) > 2_000_000 ? rest : rest.cutAfter(1_200_000);
        });

        assertThat(read("nar/x.nar")).isEqualTo(FILE);
        List<Request> requests = server.requests();
        assertThat(requests).hasSizeGreaterThanOrEqualTo(3);
        assertThat(requests.getFirst().header("Range")).isNull();
        assertThat(requests.subList(1, requests.size())).allMatch(request -> from(request) > 0);
    }

    @Test
    void openFile_connectionClosedAfterTheWholeFile_isThatFile() throws IOException {
        useSource(server.url(), PERSISTENT);
        // of what a connection delivers that is cut, the last may be missing, which is then asked for
        script.set(request -> rest(request).cutAfter(FILE.length - from(request)));

        assertThat(read("nar/x.nar")).isEqualTo(FILE);
    }

    @Test
    void openFile_cutAndNoRanges_isReadAgain() throws IOException {
        AtomicInteger count = new AtomicInteger();
        script.set(request -> {
            Response whole = Response.of(200, FILE);
            return count.incrementAndGet() < 3 ? whole.cutAfter(1_500_000) : whole;
        });

        assertThat(read("nar/x.nar")).isEqualTo(FILE);
        assertThat(server.requests()).hasSize(3);
    }

    @Test
    void openFile_changedWhenContinued_fails() {
        AtomicInteger count = new AtomicInteger();
        script.set(request -> Response.of(200, FILE)
                .with("ETag", "\"" + count.incrementAndGet() + "\"")
                .cutAfter(1000));

        assertThatThrownBy(() -> read("nar/x.nar"))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("and it has changed");
    }

    @Test
    void openFile_anotherRangeThanAskedFor_fails() {
        AtomicInteger count = new AtomicInteger();
        script.set(request -> count.incrementAndGet() == 1
                ? Response.of(200, FILE).with("Accept-Ranges", "bytes").cutAfter(1000)
                : Response.of(206, Arrays.copyOfRange(FILE, 900, FILE.length))
                        .with("Content-Range", "bytes 900-2999999/3000000"));

        assertThatThrownBy(() -> read("nar/x.nar"))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("cannot be continued");
    }

    @Test
    void openFile_cutWithoutProgress_failsAfterAllAttempts() {
        script.set(request -> Response.of(200, FILE).cutAfter(1000));

        assertThatThrownBy(() -> read("nar/x.nar"))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("(tried 4 times)");
        assertThat(server.requests()).hasSize(4);
    }

    @Test
    void openFile_chunkedBodyCut_isNoCompleteFile() {
        byte[] chunk = ("186a0\r\n" + "x".repeat(100_000) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        script.set(request ->
                Response.of(200, chunk).with("Transfer-Encoding", "chunked").cutAfter(chunk.length));

        assertThatThrownBy(() -> read("nar/x.nar"))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("(tried 4 times)");
    }

    @Test
    void openFile_encodedAlthoughNotAsked_isRefused() {
        script.set(request -> Response.of(200, FILE).with("Content-Encoding", "gzip"));

        assertThatThrownBy(() -> read("nar/x.nar"))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("Content-Encoding");
    }

    @Test
    void openFile_readerThatStops_holdsTheServerBack() throws IOException {
        byte[] large = file(64 << 20);
        script.set(request -> Response.of(200, large));

        try (InputStream in = source.openFile(info("nar/x.nar"))) {
            byte[] first = in.readNBytes(1000);

            assertThat(first).isEqualTo(Arrays.copyOf(large, 1000));
            assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(large, 1000, large.length));
        }
    }

    @Test
    void close_ofTheStreamByAnotherThread_endsABlockedRead() throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        byte[] part = "5\r\nhello\r\n".getBytes(StandardCharsets.ISO_8859_1);
        script.set(request -> Response.of(200, part).with("Transfer-Encoding", "chunked"));
        InputStream in = source.openFile(info("nar/x.nar"));
        assertThat(in.readNBytes(5)).asString().isEqualTo("hello");
        CompletableFuture<Integer> blocked = CompletableFuture.supplyAsync(() -> {
            sent.countDown();
            try {
                return in.read();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        sent.await();

        in.close();

        assertThatThrownBy(() -> blocked.get(20, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
    }

    @Test
    void cacheInfo_thereAndNot_isReadOrSaysSo() throws IOException {
        assertThatThrownBy(() -> source.cacheInfo()).hasMessageContaining("is not a binary cache");
        script.set(request -> Response.of(200, "StoreDir: /nix/store\n"));
        assertThat(source.cacheInfo().storeDir()).isEqualTo("/nix/store");
    }

    @Test
    void listPaths_always_saysThatItCannot() {
        assertThat(source.canList()).isFalse();
        assertThatThrownBy(() -> source.listPaths(digest -> {})).isInstanceOf(SourceException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://", "http:///x", "http://u:secret@ho st/", "https://a:secret@"})
    void open_badUrl_isRefusedWithoutTellingIt(String url) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CacheSource.open(url, StoreDir.DEFAULT))
                .satisfies(failure -> assertThat(failure.getMessage()).doesNotContain("secret"));
    }

    private void useSource(String url, RetryPolicy policy) {
        source.close();
        source = new HttpSource(url, StoreDir.DEFAULT, policy);
    }

    private byte[] read(String url) throws IOException {
        try (InputStream in = source.openFile(info(url))) {
            return in.readAllBytes();
        }
    }

    /** The file, or its rest if a range is asked for. */
    private static Response rest(Request request) {
        int from = from(request);
        Response rest = Response.of(from == 0 ? 200 : 206, Arrays.copyOfRange(FILE, from, FILE.length))
                .with("Accept-Ranges", "bytes")
                .with("ETag", "\"a\"");
        return from == 0
                ? rest
                : rest.with("Content-Range", "bytes " + from + "-" + (FILE.length - 1) + "/" + FILE.length);
    }

    private static int from(Request request) {
        String range = request.header("Range");
        return range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static NarInfo info(String url) throws IOException {
        return NarInfo.parse(StoreDir.DEFAULT, text(url));
    }

    private static String text(String url) {
        return "StorePath: /nix/store/" + DIGEST + "-demo\n"
                + "URL: " + url + "\n"
                + "Compression: none\n"
                + "NarHash: sha256:08b557fqkzahgiadnl969sq8rrp2l7y1niwb84cnsksybrjrppb2\n"
                + "NarSize: 696\n";
    }

    private static byte[] file(int length) {
        byte[] file = new byte[length];
        new Random(11).nextBytes(file);
        return file;
    }
}
