package dev.narsil.gateway.upstream;

import static dev.narsil.gateway.upstream.FaultyUpstream.cut;
import static dev.narsil.gateway.upstream.FaultyUpstream.ok;
import static dev.narsil.gateway.upstream.FaultyUpstream.ranges;
import static dev.narsil.gateway.upstream.FaultyUpstream.respond;
import static dev.narsil.gateway.upstream.FaultyUpstream.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.source.FileChangedException;
import dev.narsil.gateway.source.FileVersion;
import dev.narsil.gateway.source.OpenFile;
import dev.narsil.gateway.source.SourceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteNarTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final UpstreamLimits LIMITS = UpstreamLimits.DEFAULT.withProbe(PATIENCE, PATIENCE);
    private static final UpstreamLimits IMPATIENT =
            LIMITS.withTransfer(PATIENCE, Duration.ofMillis(500), Duration.ofMillis(500));
    private static final SignedPath PATH = SignedPath.of(1);
    private static final byte[] FILE = new byte[300_000];

    static {
        new Random(1).nextBytes(FILE);
    }

    @TempDir
    Path directory;

    private final FaultyUpstream server;
    private final FaultyUpstream other;
    private NarStore store;
    private Upstreams upstreams;

    RemoteNarTest() throws IOException {
        server = new FaultyUpstream();
        other = new FaultyUpstream();
    }

    @BeforeEach
    void start() throws IOException {
        server.on(PATH.target(), ok(PATH.text()));
        store = new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
        use(LIMITS);
    }

    private void use(UpstreamLimits limits) {
        if (upstreams != null) {
            upstreams.close();
        }
        upstreams = Upstreams.start(
                store,
                List.of(UpstreamOptions.parse(server.url().replace("http://", "http://user:secret@") + "?trusted-key="
                        + SignedPath.KEY.publicKey())),
                limits);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        other.close();
        upstreams.close();
        store.close();
    }

    private RemoteNar nar() throws InterruptedException {
        assertThat(upstreams.narInfo(PATH.digest()).join()).isPresent();
        return upstreams.knownHolders(PATH.narHash()).getFirst();
    }

    private static InputStream open(RemoteNar nar, long from, FileVersion expected) throws IOException {
        return nar.open(from, expected).in();
    }

    private static byte[] rest(int from) {
        return Arrays.copyOfRange(FILE, from, FILE.length);
    }

    private UpstreamState state() {
        return upstreams.states().getFirst();
    }

    @Test
    void open_fromTheBeginning_isTheFile() throws IOException, InterruptedException {
        server.on(PATH.narTarget(), ranges(FILE));

        try (InputStream in = open(nar(), 0, FileVersion.ANY)) {
            assertThat(in.readAllBytes()).isEqualTo(FILE);
            assertThat(in.read()).isEqualTo(-1);
        }
        assertThat(server.requests())
                .allSatisfy(request -> assertThat(request.header("Range")).isNull());
        assertThat(server.requests().getLast().header("Authorization")).isEqualTo("Basic dXNlcjpzZWNyZXQ=");
    }

    @Test
    void open_fromAByte_asksForTheRest() throws IOException, InterruptedException {
        server.on(PATH.narTarget(), ranges(FILE));

        try (InputStream in = open(nar(), 100_001, FileVersion.ANY)) {
            assertThat(in.readAllBytes()).isEqualTo(rest(100_001));
        }
        assertThat(server.requests().getLast().header("Range")).isEqualTo("bytes=100001-");
    }

    @Test
    void open_serverTakesNoRanges_isTheFileFromItsBeginning() throws IOException, InterruptedException {
        server.on(PATH.narTarget(), ok(FILE));

        OpenFile file = nar().open(100_001, FileVersion.ANY);

        try (InputStream in = file.in()) {
            assertThat(file.from()).isZero();
            assertThat(in.readAllBytes()).isEqualTo(FILE);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "ETag: \"a\" | \"a\"",
                "ETag: W/\"a\" | ",
                "Last-Modified: Sat, 01 Jan 2000 00:00:00 GMT | Sat, 01 Jan 2000 00:00:00 GMT"
            })
    void open_restOfWhatWasOpened_isAskedForIfItIsTheSame(String header, @Nullable String ifRange)
            throws IOException, InterruptedException {
        server.on(PATH.narTarget(), respond("200 OK", FILE, header));
        RemoteNar nar = nar();
        OpenFile first = nar.open(0, FileVersion.ANY);
        first.in().close();
        server.on(PATH.narTarget(), ranges(FILE));

        try (InputStream in = nar.open(1000, first.version()).in()) {
            assertThat(in.readAllBytes()).isEqualTo(rest(1000));
        }
        assertThat(server.requests().getLast().header("If-Range")).isEqualTo(ifRange);
    }

    @Test
    void open_fileHasAnotherLengthOrTagNow_isToldApart() throws IOException, InterruptedException {
        RemoteNar nar = nar();
        FileVersion before = new FileVersion("\"a\"", FILE.length);
        server.on(PATH.narTarget(), ranges(Arrays.copyOf(FILE, FILE.length - 1)));
        assertThatThrownBy(() -> nar.open(1000, before)).isInstanceOf(FileChangedException.class);

        server.on(PATH.narTarget(), respond("200 OK", FILE, "ETag: \"b\""));
        assertThatThrownBy(() -> nar.open(1000, before)).isInstanceOf(FileChangedException.class);
        assertThat(state().narFailures()).isZero();
    }

    @Test
    void open_anotherRangeThanAskedFor_isRefused() throws InterruptedException {
        server.on(
                PATH.narTarget(),
                respond(
                        "206 Partial Content",
                        FILE,
                        "Content-Range: bytes 0-" + (FILE.length - 1) + "/" + FILE.length));
        RemoteNar nar = nar();

        assertThatThrownBy(() -> nar.open(5, FileVersion.ANY))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("206");
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 403, 410, 416, 401, 501})
    void open_serverDoesNotHaveIt_isASourceExceptionAndNoFailureOfTheServer(int status) throws InterruptedException {
        server.on(PATH.narTarget(), status(status, "no"));
        RemoteNar nar = nar();

        for (int i = 0; i < 2 * CircuitBreaker.FAILURES_IN_A_ROW; i++) {
            assertThatThrownBy(() -> nar.open(0, FileVersion.ANY))
                    .isInstanceOf(SourceException.class)
                    .hasMessageContaining("" + status)
                    .hasMessageNotContaining("secret");
        }
        assertThat(nar.isExpected()).isTrue();
        assertThat(state().narFailures()).isEqualTo(2 * CircuitBreaker.FAILURES_IN_A_ROW);
    }

    @Test
    void open_serverFailsAgainAndAgain_opensTheBreaker() throws InterruptedException {
        server.on(PATH.narTarget(), status(500, "trouble"));
        RemoteNar nar = nar();

        for (int i = 0; i < CircuitBreaker.FAILURES_IN_A_ROW; i++) {
            assertThatThrownBy(() -> nar.open(0, FileVersion.ANY))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(SourceException.class)
                    .hasMessageContaining("500");
        }
        assertThat(nar.isExpected()).isFalse();
    }

    @Test
    void open_encodedAlthoughNotAsked_isRefused() throws InterruptedException {
        server.on(PATH.narTarget(), respond("200 OK", FILE, "Content-Encoding: gzip"));
        RemoteNar nar = nar();

        assertThatThrownBy(() -> nar.open(0, FileVersion.ANY))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("Content-Encoding");
    }

    @Test
    void open_redirected_isFollowedWithoutCredentials() throws IOException, InterruptedException {
        server.on(PATH.narTarget(), status(302, "", "Location: " + other.url() + "/elsewhere"));
        other.on("/elsewhere", ranges(FILE));

        try (InputStream in = open(nar(), 7, FileVersion.ANY)) {
            assertThat(in.readAllBytes()).isEqualTo(rest(7));
        }
        assertThat(other.requests())
                .hasSize(1)
                .allSatisfy(
                        request -> assertThat(request.header("Authorization")).isNull());
    }

    @Test
    void open_redirectedForEver_isRefused() throws InterruptedException {
        server.on(PATH.narTarget(), status(302, "", "Location: " + PATH.narTarget()));
        RemoteNar nar = nar();

        assertThatThrownBy(() -> nar.open(0, FileVersion.ANY))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("redirections");
    }

    @Test
    void open_serverHangs_failsAfterTheTimeForTheFirstByte() throws InterruptedException {
        use(IMPATIENT);
        server.on(PATH.narTarget(), server.hang());
        RemoteNar nar = nar();

        assertThatThrownBy(() -> nar.open(0, FileVersion.ANY))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no answer");
        assertThat(state().narFailures()).isOne();
    }

    @Test
    void read_connectionIsCut_failsAfterWhatCameAndLeavesTheBreakerClosed() throws IOException, InterruptedException {
        server.on(PATH.narTarget(), cut(FILE, 200_000));
        RemoteNar nar = nar();

        for (int i = 0; i < CircuitBreaker.FAILURES_IN_A_ROW; i++) {
            try (InputStream in = open(nar, 0, FileVersion.ANY)) {
                assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class);
            }
        }
        assertThat(state().narFailures()).isEqualTo(CircuitBreaker.FAILURES_IN_A_ROW);
        assertThat(nar.isExpected()).isTrue();
    }

    @Test
    void read_serverStops_failsAfterTheStallTimeOut() throws IOException, InterruptedException {
        use(IMPATIENT);
        server.on(PATH.narTarget(), (request, out) -> {
            FaultyUpstream.head(out, "200 OK", FILE.length);
            out.write(FILE, 0, 1000);
            out.flush();
            server.pause(Duration.ofHours(1));
        });

        try (InputStream in = open(nar(), 0, FileVersion.ANY)) {
            assertThat(in.readNBytes(1000)).hasSize(1000);
            assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessageContaining("nothing came");
        }
    }

    @Test
    void read_serverDrips_failsAlthoughBytesCome() throws IOException, InterruptedException {
        use(IMPATIENT);
        server.on(PATH.narTarget(), server.drip(FILE, Duration.ofMillis(50)));

        try (InputStream in = open(nar(), 0, FileVersion.ANY)) {
            assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class).hasMessageContaining("bytes came");
        }
        assertThat(state().narFailures()).isOne();
    }

    @Test
    void close_byAnotherThread_endsABlockedReadAndIsNoFailure() throws Exception {
        server.on(PATH.narTarget(), (request, out) -> {
            FaultyUpstream.head(out, "200 OK", FILE.length);
            out.flush();
            server.pause(Duration.ofHours(1));
        });
        InputStream in = open(nar(), 0, FileVersion.ANY);
        CompletableFuture<Integer> read = CompletableFuture.supplyAsync(() -> {
            try {
                return in.read();
            } catch (IOException e) {
                return -2;
            }
        });
        in.close();

        assertThat(read.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(-2);
        assertThat(state().narFailures()).isZero();
    }
}
