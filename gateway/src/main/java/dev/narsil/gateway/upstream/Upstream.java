package dev.narsil.gateway.upstream;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.HttpConnections;
import dev.narsil.gateway.source.HttpFile;
import dev.narsil.gateway.source.HttpReply;
import dev.narsil.gateway.source.HttpUrls;
import dev.narsil.gateway.source.SourceException;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One binary cache that is asked for what is not stored. Safe for use by many threads. */
final class Upstream {

    private static final Logger LOG = LoggerFactory.getLogger(Upstream.class);
    private static final String PROBE_NAME = "nix-cache-info";
    private static final int MAX_PROBE_BYTES = 64 << 10;

    /** Longest narinfo that takes so little to read that an event loop may. */
    private static final int USUAL_BYTES = 64 << 10;

    private static final Answer UNJUDGED = new Answer.Failed("cannot be judged", false);

    private static final int NOT_FOUND = 404;
    private static final int OK = 200;

    private final UpstreamOptions options;
    private final UpstreamLimits limits;
    private final HttpConnections narInfos;
    private final HttpConnections nars;
    private final Executor verifiers;
    private final ScheduledExecutorService timer;
    private final UpstreamHealth health;
    private final NarInfoJudge judge;

    /**
     * One that was not asked yet.
     *
     * @param verifiers threads that decode and verify
     * @param withIpfs whether NARs can be fetched from IPFS
     * @param read hears of each narinfo of the path that was asked for, before it is known whether it counts; must be
     *     quick
     */
    Upstream(
            UpstreamOptions options,
            UpstreamLimits limits,
            StoreDir storeDir,
            HttpConnections narInfos,
            HttpConnections nars,
            Executor verifiers,
            boolean withIpfs,
            ScheduledExecutorService timer,
            Consumer<NarInfo> read) {
        this.options = options;
        this.limits = limits;
        this.narInfos = narInfos;
        this.nars = nars;
        this.verifiers = verifiers;
        this.timer = timer;
        this.health = new UpstreamHealth(options, limits, this::probeAfter);
        this.judge = new NarInfoJudge(options, storeDir, withIpfs, read, health);
    }

    String url() {
        return options.url();
    }

    /** How it has done. */
    UpstreamHealth health() {
        return health;
    }

    /** Whether it is to be asked. */
    boolean isClosed() {
        return health.isClosed();
    }

    /** Returns how long to wait for this one before the next is asked as well. */
    long hedgeNanos() {
        return health.hedgeNanos();
    }

    /** Returns why a narinfo of this upstream does not count, a clause, or null if it does. */
    @Nullable
    String distrust(NarInfo narInfo) {
        return judge.distrust(narInfo);
    }

    /** How an exchange ended, of which one is null. */
    private record Heard(@Nullable HttpFile file, @Nullable Throwable failure) {}

    /**
     * Asks for a narinfo without blocking. The result never fails unless it is cancelled, which closes the connection.
     *
     * @param hedge whether this is because another upstream is slow
     */
    CompletableFuture<Answer> ask(Digest digest, boolean hedge) {
        health.asked(hedge);
        long began = System.nanoTime();
        CompletableFuture<HttpFile> exchange = narInfos.getSmall(
                        options.root().resolve(digest + ".narinfo"),
                        Map.of(),
                        options.authorization(),
                        NarInfo.MAX_BYTES)
                .orTimeout(limits.probeBudget().toMillis(), TimeUnit.MILLISECONDS);
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        var _ = answer.whenComplete((said, failure) -> {
            if (failure != null) {
                health.cancelled();
                exchange.cancel(true);
            }
        });
        // whatever is thrown on the way becomes an answer: a search without one would keep its place for good
        var _ = exchange.handle(Heard::new)
                .thenCompose(heard -> answer.isDone()
                        ? CompletableFuture.completedFuture(UNJUDGED)
                        : answer(digest, heard, System.nanoTime() - began))
                .exceptionally(failure -> unjudged(digest, failure))
                .whenComplete((said, failure) -> answer.complete(said == null ? UNJUDGED : said));
        return answer;
    }

    private CompletableFuture<Answer> answer(Digest digest, Heard heard, long nanos) {
        HttpFile file = heard.file();
        if (file == null) {
            Throwable failure = Objects.requireNonNull(heard.failure());
            return CompletableFuture.completedFuture(failed(told(failure), Duration.ZERO, isCut(failure)));
        }
        return file.head().status() == OK
                ? judge(digest, file, nanos)
                : CompletableFuture.completedFuture(withoutNarInfo(file, nanos));
    }

    /** Tells whether a connection broke, which says nothing of the next one. */
    private static boolean isCut(Throwable failure) {
        return failure instanceof IOException
                && !(failure instanceof SourceException)
                && !(failure.getCause() instanceof ConnectException)
                && !(failure.getCause() instanceof UnknownHostException);
    }

    private Answer unjudged(Digest digest, Throwable failure) {
        if (failure.getCause() instanceof TimeoutException) {
            String reason = digest + ".narinfo was not judged within "
                    + limits.probeBudget().toMillis() + " ms: this machine is overloaded";
            health.unjudged(reason);
            LOG.warn("{}: {}", url(), reason);
        } else {
            health.unjudged(digest + ".narinfo cannot be judged: " + failure);
            LOG.error("{}: {}.narinfo cannot be judged", url(), digest, failure);
        }
        return UNJUDGED;
    }

    private Answer withoutNarInfo(HttpFile file, long nanos) {
        if (!file.head().isAbsent()) {
            return failed("HTTP status " + file.head().status(), file.head().retryAfter(), false);
        }
        health.answered(nanos);
        health.missed();
        return new Answer.Absent();
    }

    /** Reads a usual narinfo at once, so that its references are known before it is verified, which takes longer. */
    private CompletableFuture<Answer> judge(Digest digest, HttpFile file, long nanos) {
        health.answered(nanos);
        boolean usual = file.head().contentCoding() == null && file.body().length <= USUAL_BYTES;
        Answer read = usual ? judge.read(digest, file) : null;
        try {
            return CompletableFuture.supplyAsync(
                            () -> judge.verified(read == null ? judge.read(digest, file) : read), verifiers)
                    .orTimeout(limits.probeBudget().toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(new Answer.Failed("closing", false));
        }
    }

    private Answer failed(String reason, Duration pause, boolean cut) {
        health.failed(reason, pause);
        return new Answer.Failed(reason, cut);
    }

    private String told(Throwable failure) {
        return failure instanceof TimeoutException
                ? "no answer for " + limits.probeBudget().toMillis() + " ms"
                : HttpConnections.reason(failure);
    }

    /**
     * Asks for the file of a NAR, from a byte on if the server takes ranges and the file is in a certain state. Blocks.
     *
     * @param validator of that state, or null for any
     * @throws SourceException if this upstream does not have it
     * @throws IOException if it does not answer
     */
    HttpReply open(String narUrl, long from, @Nullable String validator) throws IOException {
        URI uri = HttpUrls.resolve(options.root(), narUrl);
        Map<String, String> headers = new LinkedHashMap<>();
        if (from > 0) {
            headers.put("Range", "bytes=" + from + "-");
            if (validator != null) {
                headers.put("If-Range", validator);
            }
        }
        return nars.get(uri, headers, HttpUrls.sameOrigin(uri, options.root()) ? options.authorization() : null);
    }

    private void probeAfter(Duration delay) {
        try {
            var _ = timer.schedule(this::probe, delay.toNanos(), TimeUnit.NANOSECONDS);
            LOG.warn("{} is not asked for {} ms: {}", url(), delay.toMillis(), health.lastError());
        } catch (RejectedExecutionException e) {
            LOG.debug("closing", e);
        }
    }

    /** Opens a connection, whatever comes of it. */
    void connect() {
        var _ = askForProbe().whenComplete((file, failure) -> {
            if (failure != null) {
                LOG.debug("{} does not answer yet", url(), failure);
            }
        });
    }

    private CompletableFuture<HttpFile> askForProbe() {
        return narInfos.getSmall(options.root().resolve(PROBE_NAME), Map.of(), options.authorization(), MAX_PROBE_BYTES)
                .orTimeout(limits.probeBudget().toMillis(), TimeUnit.MILLISECONDS);
    }

    private void probe() {
        if (!health.beginProbe()) {
            return;
        }
        var _ = askForProbe().whenComplete((file, failure) -> {
            boolean answered = failure == null
                    && (file.head().status() == OK || file.head().status() == NOT_FOUND);
            if (answered) {
                LOG.info("{} answers again", url());
                health.probed(null);
            } else {
                health.probed(
                        failure != null
                                ? told(failure)
                                : "HTTP status " + file.head().status());
            }
        });
    }

    UpstreamState state() {
        return health.state();
    }
}
