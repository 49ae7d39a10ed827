package dev.narsil.gateway.upstream;

import static dev.narsil.gateway.upstream.FaultyUpstream.ok;
import static dev.narsil.gateway.upstream.FaultyUpstream.respond;
import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.HttpConnections;
import dev.narsil.gateway.source.HttpLimits;
import dev.narsil.rewrite.path.StoreDir;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** One upstream, asked for a narinfo. */
class UpstreamTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final UpstreamLimits LIMITS = UpstreamLimits.DEFAULT.withProbe(PATIENCE, PATIENCE);
    private static final SignedPath PATH = SignedPath.of(1);

    private final FaultyUpstream server;
    private final HttpConnections connections =
            HttpConnections.open(new HttpLimits(PATIENCE, PATIENCE, PATIENCE, 8, 2));
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    UpstreamTest() throws IOException {
        server = new FaultyUpstream();
    }

    @AfterEach
    void close() throws IOException {
        connections.close();
        timer.shutdownNow();
        server.close();
    }

    private Upstream upstream(UpstreamLimits limits, Executor verifiers, Consumer<NarInfo> read) {
        return new Upstream(
                UpstreamOptions.parse(server.url() + "?trusted-key=" + SignedPath.KEY.publicKey()),
                limits,
                StoreDir.DEFAULT,
                connections,
                connections,
                verifiers,
                false,
                timer,
                read);
    }

    private static Answer ask(Upstream upstream) {
        return upstream.ask(PATH.digest(), false)
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    private Answer askCoded(String coding, byte[] body) {
        server.on(PATH.target(), respond("200 OK", body, "Content-Encoding: " + coding));
        return ask(upstream(LIMITS, Runnable::run, narInfo -> {}));
    }

    private static byte[] text() {
        return PATH.text().getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void ask_somethingThrows_failsAndIsCounted() {
        server.on(PATH.target(), ok(PATH.text()));
        Upstream defect = upstream(LIMITS, Runnable::run, narInfo -> {
            throw new IllegalStateException("on purpose");
        });
        Upstream starved = upstream(LIMITS, Runnable::run, narInfo -> {
            throw new OutOfMemoryError("on purpose");
        });

        assertThat(ask(defect)).isInstanceOf(Answer.Failed.class);
        assertThat(ask(starved)).isInstanceOf(Answer.Failed.class);
        assertThat(defect.state().failures()).isOne();
        assertThat(starved.state().lastError()).contains("OutOfMemoryError");
    }

    @Test
    void ask_somethingThrowsOnTheThreadThatVerifies_fails() throws IOException {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(encoded)) {
            gzip.write(text());
        }
        server.on(PATH.target(), respond("200 OK", encoded.toByteArray(), "Content-Encoding: gzip"));

        assertThat(ask(upstream(LIMITS, Runnable::run, narInfo -> {
                    throw new IllegalStateException("on purpose");
                })))
                .isInstanceOf(Answer.Failed.class);
    }

    @Test
    void ask_nobodyVerifies_failsAfterTheBudget() {
        server.on(PATH.target(), ok(PATH.text()));
        UpstreamLimits impatient = LIMITS.withProbe(Duration.ofSeconds(1), Duration.ofSeconds(1));

        assertThat(ask(upstream(impatient, task -> {}, narInfo -> {}))).isInstanceOf(Answer.Failed.class);
    }

    @Test
    void ask_narInfoInACoding_isDecoded() throws IOException {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        try (OutputStream xz = new XZOutputStream(encoded, new LZMA2Options(LZMA2Options.PRESET_DEFAULT))) {
            xz.write(text());
        }

        assertThat(askCoded("xz", encoded.toByteArray())).isInstanceOf(Answer.Found.class);
    }

    @Test
    void ask_narInfoInACodingThatTakesMuchMemory_fails() throws IOException {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        try (OutputStream xz = new XZOutputStream(encoded, new LZMA2Options(7))) {
            xz.write(text());
        }

        assertThat(askCoded("xz", encoded.toByteArray()))
                .isInstanceOfSatisfying(
                        Answer.Failed.class,
                        failed -> assertThat(failed.reason()).contains("memory"));
    }
}
