package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.gateway.download.DownloadFixture;
import dev.narsil.gateway.download.DownloadLimits;
import dev.narsil.gateway.download.FaultyServer;
import dev.narsil.gateway.download.FaultyServer.Fault;
import dev.narsil.gateway.source.Compression;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** NARs that only an upstream has, as a client sees them. */
@Timeout(120)
class DownloadedNarTest {

    private static final int SIZE = 1 << 20;

    /** Bytes that an upstream sends before a test lets it go on. */
    private static final int SOME = 100_000;

    /** Limits by which a holder that makes a pause keeps its turn. */
    private static final DownloadLimits PATIENT =
            DownloadFixture.LIMITS.withTimes(Duration.ofSeconds(60), Duration.ofSeconds(60), Duration.ofMillis(50));

    @TempDir
    private Path directory;

    @Test
    void get_whatUpstreamHas_isTheSameWhileItComesAndFromTheStore() throws Exception {
        try (DownloadFixture fixture = fixture();
                CacheServer server = serve(fixture)) {
            FaultyServer upstream = fixture.holder(Compression.XZ, request -> Fault.NONE);

            RawResponse fresh = exchange(server, fixture, "GET");
            fixture.awaitIdle();
            RawResponse stored = exchange(server, fixture, "GET");

            assertThat(fresh.status()).isEqualTo(200);
            assertThat(fresh.body()).isEqualTo(fixture.nar);
            assertThat(stored.body()).isEqualTo(fixture.nar);
            assertThat(stored.headers()).isEqualTo(fresh.headers());
            assertThat(upstream.requests()).isOne();
        }
    }

    @Test
    void head_whatUpstreamHas_isAsForGetAndDownloadsNothing() throws Exception {
        try (DownloadFixture fixture = fixture();
                CacheServer server = serve(fixture)) {
            FaultyServer upstream = fixture.holder(Compression.XZ, request -> Fault.NONE);

            RawResponse head = exchange(server, fixture, "HEAD");

            assertThat(upstream.requests()).isZero();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.headers())
                    .isEqualTo(exchange(server, fixture, "GET").headers());
        }
    }

    @Test
    void get_firstBytesThere_areSentBeforeTheRestComes() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        try (DownloadFixture fixture = fixture();
                CacheServer server = serve(fixture);
                RawClient client = new RawClient(server.address())) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.heldAt(SOME, hold));
            client.request("GET", path(fixture));
            client.awaitBytes();
            byte[] first = new byte[SOME];

            // no more than the upstream has sent can be waited for, and a head of at least a few bytes comes before
            assertThat(client.read(first, SOME)).isEqualTo(SOME);
            assertThat(new String(first, StandardCharsets.ISO_8859_1)).startsWith("HTTP/1.1 200");
            hold.countDown();
            fixture.awaitIdle();
        }
    }

    @Test
    void get_rangeOfWhatComes_isThatPart() throws Exception {
        try (DownloadFixture fixture = fixture();
                CacheServer server = serve(fixture)) {
            fixture.holder(Compression.NONE, request -> Fault.NONE);

            RawResponse part = exchange(server, fixture, "GET", "Range: bytes=700000-");

            assertThat(part.status()).isEqualTo(206);
            assertThat(part.body()).isEqualTo(Arrays.copyOfRange(fixture.nar, 700_000, fixture.nar.length));
        }
    }

    @Test
    void get_upstreamRefuses_isNotFound() throws Exception {
        try (DownloadFixture fixture = fixture();
                CacheServer server = serve(fixture)) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.withStatus(500));

            assertThat(exchange(server, fixture, "GET").status()).isEqualTo(404);
        }
    }

    @Test
    void get_upstreamDiesInTheMiddle_connectionIsReset() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        try (DownloadFixture fixture = patient();
                CacheServer server = serve(fixture)) {
            fixture.holder(
                    Compression.NONE,
                    request ->
                            request == 0 ? Fault.NONE.heldAt(SOME, hold).cutAt(SIZE / 2) : Fault.NONE.withStatus(500));

            assertThatThrownBy(() -> exchangeAround(hold, server, fixture)).isInstanceOf(IOException.class);
            assertThat(fixture.store.hasNar(fixture.narHash)).isFalse();
        }
    }

    @Test
    void get_restAfterWrongBytes_isNotFoundAndTheWholeIsServed() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        try (DownloadFixture fixture = patient();
                CacheServer server = serve(fixture)) {
            fixture.holder(Compression.NONE, request -> Fault.NONE.wrongAt(10).heldAt(SOME, hold));
            fixture.holder(Compression.NONE, request -> Fault.NONE);

            assertThatThrownBy(() -> exchangeAround(hold, server, fixture)).isInstanceOf(IOException.class);

            assertThat(exchange(server, fixture, "GET", "Range: bytes=1000-").status())
                    .isEqualTo(404);
            assertThat(exchange(server, fixture, "GET").body()).isEqualTo(fixture.nar);
            fixture.awaitIdle();
            assertThat(exchange(server, fixture, "GET", "Range: bytes=1000-").status())
                    .isEqualTo(404);
        }
    }

    private DownloadFixture fixture() throws IOException {
        return new DownloadFixture(directory, DownloadFixture.nar(7, SIZE));
    }

    private DownloadFixture patient() throws IOException {
        return new DownloadFixture(directory, DownloadFixture.nar(7, SIZE), PATIENT, UnaryOperator.identity());
    }

    private static CacheServer serve(DownloadFixture fixture) throws IOException {
        return CacheServer.start(Services.of(fixture.store).withDownloads(fixture.downloads), ServedStore.OPTIONS);
    }

    private static String path(DownloadFixture fixture) {
        return "/nar/" + fixture.narHash.toBase32() + ".nar";
    }

    /** Asks for the NAR; releases {@code hold} when the first bytes have come. */
    private static void exchangeAround(CountDownLatch hold, CacheServer server, DownloadFixture fixture)
            throws IOException {
        try (RawClient client = new RawClient(server.address())) {
            client.request("GET", path(fixture));
            client.awaitBytes();
            hold.countDown();
            var _ = client.receive(false);
        }
    }

    private static RawResponse exchange(CacheServer server, DownloadFixture fixture, String method, String... headers)
            throws IOException {
        try (RawClient client = new RawClient(server.address())) {
            return client.exchange(method, path(fixture), headers);
        }
    }
}
