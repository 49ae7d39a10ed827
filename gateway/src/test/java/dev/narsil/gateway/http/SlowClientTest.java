package dev.narsil.gateway.http;

import static dev.narsil.gateway.http.ServedStore.narPath;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.rewrite.nar.NarWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SlowClientTest {

    private static final int SMALL_RECEIVE_BUFFER = 16 << 10;

    private static final int PIPELINING_CLIENTS = 16;
    private static final int LISTED_FILES = 30_000;

    /** What the two kernels of a loopback connection may hold besides, and the slices between store and writer. */
    private static final int SLACK_BYTES = 6 << 20;

    private static byte[] large;

    @TempDir
    private Path directory;

    @BeforeAll
    static void makeLarge() throws IOException {
        large = ServedStore.largeNar(3, 5 * SLACK_BYTES);
    }

    @AfterAll
    static void forgetLarge() {
        large = new byte[0];
    }

    @Test
    void get_slowReader_holdsNoMoreThanTheWindowAndGetsEverything() throws Exception {
        try (ServedStore served = new ServedStore(directory);
                RawClient client = new RawClient(served.server.address(), SMALL_RECEIVE_BUFFER)) {
            PathInfo info = served.add(3, large);
            client.request("GET", narPath(info));
            ServerCounters stuck = awaitStuck(served);
            assertThat(stuck.narBytesRead() - stuck.narBytesSent())
                    .isBetween(1L, (long) BodyWriter.WINDOW_BYTES + BodyWriter.BUFFER_BYTES);
            assertThat(stuck.narBytesRead()).isLessThan(BodyWriter.WINDOW_BYTES + SLACK_BYTES);
            RawResponse response = client.receive(false);
            assertThat(response.body()).isEqualTo(large);
            served.await(c -> c.responsesInFlight() == 0 && c.narBytesSent() == large.length);
        }
    }

    @Test
    void get_clientVanishes_endsTheResponse() throws Exception {
        try (ServedStore served = new ServedStore(directory)) {
            PathInfo info = served.add(3, large);
            RawClient client = new RawClient(served.server.address(), SMALL_RECEIVE_BUFFER);
            client.request("GET", narPath(info));
            awaitStuck(served);
            client.vanish();
            ServerCounters after = served.await(c -> c.responsesInFlight() == 0 && c.connections() == 0);
            assertThat(after.lostResponses()).isEqualTo(1);
            assertThat(after.narsServed()).isZero();
        }
    }

    @Test
    void get_clientTakesNothing_isResetAfterTheStallTimeout() throws Exception {
        ServerOptions impatient =
                ServedStore.OPTIONS.withTimeouts(ServedStore.OPTIONS.timeouts().withWrite(Duration.ofMillis(300)));
        try (ServedStore served = new ServedStore(directory, impatient, UnaryOperator.identity());
                RawClient client = new RawClient(served.server.address(), SMALL_RECEIVE_BUFFER)) {
            PathInfo info = served.add(3, large);
            client.request("GET", narPath(info));
            ServerCounters after = served.await(c -> c.stalledResponses() == 1 && c.responsesInFlight() == 0);
            assertThat(after.narsServed()).isZero();
            assertThatThrownBy(() -> client.receive(false)).hasMessageContaining("reset");
        }
    }

    @Test
    void get_moreThanTheBound_is503UntilOneEnds() throws Exception {
        ServerOptions two = ServedStore.OPTIONS.withLimits(ServerOptions.Limits.DEFAULT.withDownloads(2));
        try (ServedStore served = new ServedStore(directory, two, UnaryOperator.identity());
                RawClient first = new RawClient(served.server.address(), SMALL_RECEIVE_BUFFER);
                RawClient second = new RawClient(served.server.address(), SMALL_RECEIVE_BUFFER)) {
            PathInfo info = served.add(3, large);
            first.request("GET", narPath(info));
            second.request("GET", narPath(info));
            served.await(c -> c.responsesInFlight() == 2);
            RawResponse refused = served.get(narPath(info));
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("retry-after")).isEqualTo("1");
            assertThat(served.get("/nix-cache-info").status()).isEqualTo(200);
            assertThat(first.receive(false).body()).isEqualTo(large);
            served.await(c -> c.responsesInFlight() == 1);
            assertThat(served.get(narPath(info)).status()).isEqualTo(200);
        }
    }

    @Test
    void connection_idle_isClosed() throws Exception {
        ServerOptions impatient =
                ServedStore.OPTIONS.withTimeouts(ServedStore.OPTIONS.timeouts().withIdle(Duration.ofSeconds(1)));
        try (ServedStore served = new ServedStore(directory, impatient, UnaryOperator.identity());
                RawClient idle = served.client();
                RawClient trickling = served.client()) {
            assertThat(idle.exchange("GET", "/nix-cache-info").status()).isEqualTo(200);
            trickling.send("GET / HTTP/1.1\r\nHost: c\r\nX: ");
            assertThat(idle.isClosed()).isTrue();
            assertThat(trickling.isClosed()).isTrue();
        }
    }

    @Test
    void connection_narRightAfterAnother_isNotIdle() throws Exception {
        ServerOptions impatient =
                ServedStore.OPTIONS.withTimeouts(ServedStore.OPTIONS.timeouts().withIdle(Duration.ofSeconds(1)));
        List<RawClient> clients = new ArrayList<>();
        try (ServedStore served = new ServedStore(directory, impatient, UnaryOperator.identity());
                RawClient idle = served.client()) {
            PathInfo small = served.add(4, ServedStore.largeNar(4, 100));
            PathInfo info = served.add(3, large);
            for (int i = 0; i < PIPELINING_CLIENTS; i++) {
                RawClient client = new RawClient(served.server.address(), SMALL_RECEIVE_BUFFER);
                clients.add(client);
                client.request("GET", narPath(small));
                client.request("GET", narPath(info));
            }
            served.await(c -> c.narsServed() == PIPELINING_CLIENTS && c.responsesInFlight() == PIPELINING_CLIENTS);
            for (int i = 0; i < 2; i++) {
                try (RawClient later = served.client()) {
                    assertThat(later.isClosed()).isTrue();
                }
            }
            assertThat(idle.isClosed()).isTrue();
            for (RawClient client : clients) {
                assertThat(client.receive(false).status()).isEqualTo(200);
                assertThat(client.receive(false).body()).isEqualTo(large);
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void get_listingsNotTaken_holdTheirPermits() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        try (ServedStore served = new ServedStore(directory)) {
            String path = "/" + served.add(9, manyFiles()).path().digest() + ".ls";
            byte[] listing = served.get(path).body();
            assertThat(listing).hasSizeGreaterThan(SLACK_BYTES);
            while (served.server.counters().refusedRequests() == 0) {
                assertThat(clients).hasSizeLessThanOrEqualTo(ListingEndpoint.MAX_LISTINGS_IN_FLIGHT);
                RawClient client = new RawClient(served.server.address(), SMALL_RECEIVE_BUFFER);
                clients.add(client);
                client.request("GET", path);
                client.awaitBytes();
            }
            assertThat(clients).hasSize(ListingEndpoint.MAX_LISTINGS_IN_FLIGHT + 1);
            assertThat(clients.getLast().receive(false).status()).isEqualTo(503);
            assertThat(clients.getFirst().receive(false).body()).isEqualTo(listing);
            clients.get(1).vanish();
            served.await(c -> c.lostResponses() == 1);
            assertThat(served.get(path, "Connection: close").body()).isEqualTo(listing);
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }

    @Test
    void pipelined_answersNotTaken_areNotMade() throws Exception {
        int requests = 40_000;
        try (ServedStore served = new ServedStore(directory);
                RawClient client = new RawClient(served.server.address(), SMALL_RECEIVE_BUFFER)) {
            PathInfo small = served.add(4, ServedStore.largeNar(4, 100));
            String known = ServedStore.narInfoPath(small);
            String absent = "/" + "0".repeat(32) + ".narinfo";
            RawResponse narInfo = served.get(known);
            assertThat((long) requests * narInfo.body().length).isGreaterThan(2L * SLACK_BYTES);
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    for (int i = 0; i < requests; i++) {
                        client.request("GET", i % 100 == 99 ? absent : known);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            client.awaitBytes();
            served.awaitUnchanged(ServerCounters::narInfosServed);
            assertThat(served.server.counters().narInfosServed() * narInfo.body().length)
                    .isLessThan(SLACK_BYTES);
            for (int i = 0; i < requests; i++) {
                assertThat(client.receive(false).status()).isEqualTo(i % 100 == 99 ? 404 : 200);
            }
            sending.join();
        }
    }

    /** Returns a NAR whose listing is nearly as long as one may be. */
    private static byte[] manyFiles() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        NarWriter nar = new NarWriter(out);
        nar.startDirectory();
        for (int i = 0; i < LISTED_FILES; i++) {
            nar.entry(String.format(Locale.ROOT, "%0200d", i).getBytes(StandardCharsets.US_ASCII));
            nar.regular(false, new byte[0]);
        }
        nar.endDirectory();
        nar.finish();
        return out.toByteArray();
    }

    @Test
    void close_responseInProgress_isLetEnd() throws Exception {
        try (ServedStore served = new ServedStore(directory);
                RawClient client = new RawClient(served.server.address(), SMALL_RECEIVE_BUFFER)) {
            PathInfo info = served.add(3, large);
            client.request("GET", narPath(info));
            awaitStuck(served);
            CompletableFuture<Void> closing = CompletableFuture.runAsync(served.server::close);
            assertThat(client.receive(false).body()).isEqualTo(large);
            closing.join();
            assertThat(served.server.counters().responsesInFlight()).isZero();
            assertThat(served.server.counters().narsServed()).isEqualTo(1);
            assertThatThrownBy(() -> served.get("/healthz")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void close_responseThatDoesNotEnd_isReset() throws Exception {
        ServerOptions hasty =
                ServedStore.OPTIONS.withTimeouts(ServedStore.OPTIONS.timeouts().withStop(Duration.ofMillis(200)));
        try (ServedStore served = new ServedStore(directory, hasty, UnaryOperator.identity());
                RawClient client = new RawClient(served.server.address(), SMALL_RECEIVE_BUFFER)) {
            PathInfo info = served.add(3, large);
            client.request("GET", narPath(info));
            awaitStuck(served);
            served.server.close();
            assertThat(served.server.counters().responsesInFlight()).isZero();
            assertThatThrownBy(() -> client.receive(false)).hasMessageContaining("reset");
        }
    }

    /**
     * Waits until the only response waits for its client: as many bytes are read as the window and the sockets hold.
     */
    private static ServerCounters awaitStuck(ServedStore served) throws InterruptedException {
        return served.await(c -> c.narBytesRead() - c.narBytesSent() >= BodyWriter.WINDOW_BYTES);
    }
}
