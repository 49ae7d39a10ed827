package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.cli.UpstreamHolders;
import dev.narsil.gateway.download.DownloadLimits;
import dev.narsil.gateway.download.NarDownloads;
import dev.narsil.gateway.upstream.FaultyUpstream;
import dev.narsil.gateway.upstream.FaultyUpstream.Behaviour;
import dev.narsil.gateway.upstream.SignedPath;
import dev.narsil.gateway.upstream.UpstreamLimits;
import dev.narsil.gateway.upstream.UpstreamOptions;
import dev.narsil.gateway.upstream.Upstreams;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a client sees when an upstream misbehaves: for each fault, of the narinfo and of the NAR, with the bad upstream alone
 * and with a good one behind it.
 *
 * <p>The limits are short. No row may take longer than {@link #PATIENCE}, which is many times what they add up to.
 */
@Timeout(300)
class FaultTableTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final UpstreamLimits LIMITS = UpstreamLimits.DEFAULT
            .withProbe(Duration.ofSeconds(3), Duration.ofMillis(100))
            .withTransfer(Duration.ofSeconds(2), Duration.ofSeconds(2), Duration.ofSeconds(1));

    private static final DownloadLimits DOWNLOADS =
            DownloadLimits.DEFAULT.withTimes(Duration.ofMillis(300), Duration.ofSeconds(1), Duration.ofMillis(100));

    private static final int NAR_BYTES = 300_000;
    private static final int CUT = 100_000;
    private static final String NAR_HASH = "\nNarHash: sha256:";
    private static final AtomicInteger NUMBERS = new AtomicInteger(5000);

    /** What a client gets. */
    enum Seen {
        RIGHT,
        NOT_FOUND,
        RESET
    }

    /** What an upstream does with a file, and what a client sees of it that asks for the NAR when nobody else has it. */
    enum Fault {
        REFUSE(Seen.NOT_FOUND),
        HANG(Seen.NOT_FOUND),
        ONE_BYTE_A_SECOND(Seen.RESET),
        CUT_AT_K(Seen.RESET),
        TOO_SHORT(Seen.RESET),
        /** The NAR is there, and what follows it is of no interest. */
        TOO_LONG(Seen.RIGHT),
        WRONG_HASH(Seen.RESET),
        WRONG_SIGNATURE(Seen.NOT_FOUND),
        STATUS_404(Seen.NOT_FOUND),
        STATUS_500(Seen.NOT_FOUND),
        STATUS_503(Seen.NOT_FOUND),
        REDIRECT_LOOP(Seen.NOT_FOUND),
        TLS_FAILURE(Seen.NOT_FOUND);

        private final Seen narAlone;

        Fault(Seen narAlone) {
            this.narAlone = narAlone;
        }

        /** Tells whether a client may see this: who may be cut off may also hear that there is no NAR, before its first byte. */
        boolean allowsAlone(Seen seen) {
            return seen == narAlone || (narAlone == Seen.RESET && seen == Seen.NOT_FOUND);
        }

        /** Does this to a file at {@code target}. */
        Behaviour of(FaultyUpstream upstream, String target, byte[] file) {
            byte[] wrong = file.clone();
            int hash = new String(file, StandardCharsets.ISO_8859_1).indexOf(NAR_HASH);
            wrong[hash < 0 ? file.length / 2 : hash + NAR_HASH.length()] ^= 1;
            return switch (this) {
                case REFUSE ->
                    (request, out) -> {
                        throw new IOException("refused");
                    };
                case HANG -> upstream.hang();
                case ONE_BYTE_A_SECOND -> upstream.drip(file, Duration.ofSeconds(1));
                case CUT_AT_K -> FaultyUpstream.cut(file, Math.min(CUT, file.length / 2));
                case TOO_SHORT ->
                    (request, out) -> {
                        FaultyUpstream.head(out, "200 OK", file.length - 8);
                        out.write(file, 0, file.length - 8);
                    };
                case TOO_LONG ->
                    (request, out) -> {
                        FaultyUpstream.head(out, "200 OK", file.length + 8);
                        out.write(file);
                        out.write(new byte[8]);
                    };
                case WRONG_HASH -> FaultyUpstream.ok(wrong);
                case WRONG_SIGNATURE ->
                    FaultyUpstream.ok(new String(file, StandardCharsets.ISO_8859_1)
                            .replaceFirst("Sig: test-1:....", "Sig: test-1:AAAA"));
                case STATUS_404 -> FaultyUpstream.status(404, "no");
                case STATUS_500 -> FaultyUpstream.status(500, "no");
                case STATUS_503 -> FaultyUpstream.status(503, "no", "Retry-After: 3600");
                case REDIRECT_LOOP -> FaultyUpstream.status(302, "", "Location: " + upstream.url() + target);
                case TLS_FAILURE ->
                    FaultyUpstream.status(302, "", "Location: https://127.0.0.1:" + upstream.port() + target);
            };
        }
    }

    @TempDir
    private static Path directory;

    private static NarStore store;

    private FaultyUpstream bad;
    private FaultyUpstream good;
    private byte[] nar;
    private SignedPath path;

    @BeforeAll
    static void openStore() throws IOException {
        store = new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
    }

    @AfterAll
    static void closeStore() throws IOException {
        store.close();
    }

    @BeforeEach
    void startUpstreams() throws IOException {
        int number = NUMBERS.incrementAndGet();
        nar = ServedStore.largeNar(number, NAR_BYTES);
        path = SignedPath.signed(SignedPath.path(number), nar, List.of());
        bad = new FaultyUpstream();
        good = new FaultyUpstream();
        serve(good);
        serve(bad);
    }

    @AfterEach
    void stopUpstreams() throws IOException {
        bad.close();
        good.close();
    }

    private void serve(FaultyUpstream upstream) {
        upstream.on(path.target(), FaultyUpstream.ok(path.text())).on(path.narTarget(), FaultyUpstream.ranges(nar));
    }

    @ParameterizedTest
    @EnumSource
    void narInfo_upstreamAlone_isNotFound(Fault fault) throws Exception {
        bad.on(path.target(), fault.of(bad, path.target(), narInfoBytes()));
        try (Served served = new Served(options(bad, 1))) {
            assertThat(served.narInfo(path)).isEqualTo(Seen.NOT_FOUND);
        }
    }

    @ParameterizedTest
    @EnumSource
    void narInfo_goodUpstreamBehind_isTheRightOne(Fault fault) throws Exception {
        bad.on(path.target(), fault.of(bad, path.target(), narInfoBytes()));
        try (Served served = new Served(options(bad, 1), options(good, 2))) {
            assertThat(served.narInfo(path)).isEqualTo(Seen.RIGHT);
            assertThat(served.nar(path, nar)).isEqualTo(Seen.RIGHT);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "WRONG_SIGNATURE")
    void nar_upstreamAlone_isNotFoundOrCutOff(Fault fault) throws Exception {
        bad.on(path.narTarget(), fault.of(bad, path.narTarget(), nar));
        try (Served served = new Served(options(bad, 1))) {
            assertThat(served.narInfo(path)).isEqualTo(Seen.RIGHT);
            assertThat(served.nar(path, nar)).matches(fault::allowsAlone);
        }
        if (fault.narAlone != Seen.RIGHT) {
            assertThat(store.hasNar(path.narHash())).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"WRONG_SIGNATURE", "WRONG_HASH"})
    void nar_goodUpstreamBehind_isTheRightOne(Fault fault) throws Exception {
        bad.on(path.narTarget(), fault.of(bad, path.narTarget(), nar));
        try (Served served = new Served(options(bad, 1), options(good, 2))) {
            assertThat(served.narInfo(path)).isEqualTo(Seen.RIGHT);
            assertThat(served.nar(path, nar)).isEqualTo(Seen.RIGHT);
        }
    }

    /**
     * Wrong bytes are told by the hash of all: a client that has some of them when that is known is cut off and asks again,
     * one that has none yet is given the right ones.
     */
    @Test
    void nar_wrongBytesAndGoodUpstreamBehind_isTheRightOneOrCutOffAndThenTheRightOne() throws Exception {
        bad.on(path.narTarget(), Fault.WRONG_HASH.of(bad, path.narTarget(), nar));
        try (Served served = new Served(options(bad, 1), options(good, 2))) {
            assertThat(served.narInfo(path)).isEqualTo(Seen.RIGHT);
            assertThat(served.nar(path, nar)).isIn(Seen.RESET, Seen.RIGHT);
            assertThat(served.nar(path, nar)).isEqualTo(Seen.RIGHT);
        }
    }

    private byte[] narInfoBytes() {
        return path.text().getBytes(StandardCharsets.US_ASCII);
    }

    private static UpstreamOptions options(FaultyUpstream upstream, int priority) {
        return UpstreamOptions.parse(
                upstream.url() + "?priority=" + priority + "&trusted-key=" + SignedPath.KEY.publicKey());
    }

    /** A server of the store with these upstreams. */
    private static final class Served implements AutoCloseable {

        private final Upstreams upstreams;
        private final NarDownloads downloads;
        private final CacheServer server;

        Served(UpstreamOptions... options) throws IOException {
            upstreams = Upstreams.start(store, List.of(options), LIMITS);
            downloads = NarDownloads.start(store, directory, new UpstreamHolders(upstreams), DOWNLOADS);
            server = CacheServer.start(
                    Services.of(store).withUpstreams(upstreams).withDownloads(downloads), ServedStore.OPTIONS);
        }

        Seen narInfo(SignedPath path) throws IOException {
            RawResponse response = get(path.target());
            if (response.status() == 404) {
                return Seen.NOT_FOUND;
            }
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.text())
                    .contains("NarHash: sha256:" + path.narHash().toBase32() + "\n")
                    .contains(path.text().substring(path.text().indexOf("Sig: ")));
            return Seen.RIGHT;
        }

        Seen nar(SignedPath path, byte[] wanted) throws IOException {
            RawResponse response;
            try {
                response = get("/nar/" + path.narHash().toBase32() + ".nar");
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                return Seen.RESET;
            }
            if (response.status() == 404) {
                return Seen.NOT_FOUND;
            }
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.body()).isEqualTo(wanted);
            return Seen.RIGHT;
        }

        private RawResponse get(String target) throws IOException {
            long begin = System.nanoTime();
            try (RawClient client = new RawClient(server.address())) {
                return client.exchange("GET", target);
            } finally {
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(PATIENCE);
            }
        }

        @Override
        public void close() {
            server.close();
            downloads.close();
            upstreams.close();
        }
    }
}
