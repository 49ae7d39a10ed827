package dev.narsil.gateway.upstream;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.NarInfoException;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.source.Compression;
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
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One binary cache that is asked for what is not stored, and how it has done. Safe for use by many threads. */
final class Upstream {

    /** Hedges in a row lost to another upstream after which the next one is asked almost at once. */
    static final int LOSSES_IN_A_ROW = 3;

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
    private final StoreDir storeDir;
    private final TrustedKeys keys;
    private final HttpConnections narInfos;
    private final HttpConnections nars;
    private final Executor verifiers;
    private final boolean withIpfs;
    private final Consumer<NarInfo> read;
    private final ScheduledExecutorService timer;
    private final CircuitBreaker breaker;
    private final LatencyWindow latency = new LatencyWindow();
    private final AtomicInteger lossesInARow = new AtomicInteger();
    private final LongAdder asked = new LongAdder();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder lies = new LongAdder();
    private final LongAdder cancelled = new LongAdder();
    private final LongAdder hedged = new LongAdder();
    private final LongAdder narFailures = new LongAdder();
    private volatile @Nullable String lastError;

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
        this.storeDir = storeDir;
        this.keys = new TrustedKeys(options.trustedKeys());
        this.narInfos = narInfos;
        this.nars = nars;
        this.verifiers = verifiers;
        this.withIpfs = withIpfs;
        this.timer = timer;
        this.read = read;
        this.breaker = new CircuitBreaker(System::nanoTime, new SplittableRandom(), this::probeAfter);
    }

    String url() {
        return options.url();
    }

    int priority() {
        return options.priority();
    }

    boolean isClosed() {
        return breaker.isClosed();
    }

    /** Returns how long to wait for this one before the next is asked as well. */
    long hedgeNanos() {
        long p95 = latency.p95Nanos();
        long longest = limits.maxHedge().toNanos();
        if (lossesInARow.get() >= LOSSES_IN_A_ROW) {
            return limits.minHedge().toNanos();
        }
        return p95 < 0 ? longest : Math.clamp(p95, limits.minHedge().toNanos(), longest);
    }

    /** How an exchange ended, of which one is null. */
    private record Heard(@Nullable HttpFile file, @Nullable Throwable failure) {}

    /**
     * Asks for a narinfo without blocking. The result never fails unless it is cancelled, which closes the connection.
     *
     * @param hedge whether this is because another upstream is slow
     */
    CompletableFuture<Answer> ask(Digest digest, boolean hedge) {
        asked.increment();
        if (hedge) {
            hedged.increment();
        }
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
                cancelled.increment();
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
        failures.increment();
        lastError = digest + ".narinfo cannot be judged: " + failure;
        LOG.error("{}: {}.narinfo cannot be judged", url(), digest, failure);
        return UNJUDGED;
    }

    /** Hears that another upstream, asked because this one was slow, was the first to answer. */
    void lost() {
        lossesInARow.incrementAndGet();
    }

    private Answer withoutNarInfo(HttpFile file, long nanos) {
        if (!file.head().isAbsent()) {
            return failed("HTTP status " + file.head().status(), file.head().retryAfter(), false);
        }
        answered(nanos);
        misses.increment();
        return new Answer.Absent();
    }

    /** Reads a usual narinfo at once, so that its references are known before it is verified, which takes longer. */
    private CompletableFuture<Answer> judge(Digest digest, HttpFile file, long nanos) {
        answered(nanos);
        boolean usual = file.head().contentCoding() == null && file.body().length <= USUAL_BYTES;
        Answer read = usual ? read(digest, file) : null;
        try {
            return CompletableFuture.supplyAsync(() -> verified(read == null ? read(digest, file) : read), verifiers)
                    .orTimeout(limits.probeBudget().toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.completedFuture(new Answer.Failed("closing", false));
        }
    }

    private Answer read(Digest digest, HttpFile file) {
        byte[] text;
        NarInfo narInfo;
        try {
            text = file.content(NarInfo.MAX_BYTES + 1);
            narInfo = NarInfo.parse(storeDir, text);
            if (narInfo.hasFile()) {
                HttpUrls.resolve(options.root(), narInfo.url());
                Compression.of(narInfo.compression());
            } else if (!withIpfs) {
                return useless(digest + ".narinfo: its NAR is in IPFS only, and no IPFS daemon is configured");
            }
        } catch (NarInfoException e) {
            return useless(digest + ".narinfo: " + e.getMessage());
        } catch (IOException e) {
            return useless(digest + ".narinfo: " + HttpConnections.reason(e));
        }
        if (!narInfo.storePath().digest().equals(digest)) {
            return lie(digest + ".narinfo is of " + narInfo.storePath());
        }
        read.accept(narInfo);
        return new Answer.Found(narInfo, text);
    }

    private Answer verified(Answer answer) {
        if (!(answer instanceof Answer.Found found)) {
            return answer;
        }
        String distrust = distrust(found.narInfo());
        if (distrust != null) {
            return lie(found.narInfo().storePath() + " does not count: " + distrust);
        }
        hits.increment();
        return answer;
    }

    /** Returns why a narinfo of this upstream does not count, a clause, or null if it does. */
    @Nullable
    String distrust(NarInfo narInfo) {
        if (options.trustUnsigned()) {
            return null;
        }
        TrustedKeys.Verdict verdict = keys.verify(narInfo.pathInfo(), storeDir);
        return verdict.trusted() ? null : verdict.reason();
    }

    private void answered(long nanos) {
        latency.add(nanos);
        lossesInARow.set(0);
        breaker.succeeded();
    }

    private Answer failed(String reason, Duration pause, boolean cut) {
        failures.increment();
        lastError = reason;
        breaker.failed(pause);
        return new Answer.Failed(reason, cut);
    }

    /** The server is well, but what it says of this path is of no use. */
    private Answer useless(String reason) {
        failures.increment();
        lastError = reason;
        LOG.warn("{}: {}", url(), reason);
        return new Answer.Failed(reason, false);
    }

    private Answer lie(String reason) {
        lies.increment();
        lastError = reason;
        LOG.warn("{}: {}", url(), reason);
        return new Answer.Lie(reason);
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

    void narSucceeded() {
        breaker.succeeded();
    }

    void narFailed(String reason, Duration pause) {
        narBroke(reason);
        breaker.failed(pause);
    }

    /** Counts a NAR file that is not what the narinfo says, of a server that is well. */
    void narUseless(String reason) {
        narBroke(reason);
        breaker.succeeded();
    }

    /** Counts a NAR file of which only a part came, which says nothing of how the server is. */
    void narBroke(String reason) {
        narFailures.increment();
        lastError = reason;
    }

    private void probeAfter(Duration delay) {
        try {
            var _ = timer.schedule(this::probe, delay.toNanos(), TimeUnit.NANOSECONDS);
            LOG.warn("{} is not asked for {} ms: {}", url(), delay.toMillis(), lastError);
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
        if (!breaker.halfOpen()) {
            return;
        }
        var _ = askForProbe().whenComplete((file, failure) -> {
            boolean answered = failure == null
                    && (file.head().status() == OK || file.head().status() == NOT_FOUND);
            if (answered) {
                LOG.info("{} answers again", url());
            } else {
                lastError = failure != null
                        ? told(failure)
                        : "HTTP status " + file.head().status();
            }
            breaker.probed(answered);
        });
    }

    UpstreamState state() {
        long p95 = latency.p95Nanos();
        return new UpstreamState(
                url(),
                options.priority(),
                breaker.state().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                p95 < 0 ? -1 : TimeUnit.NANOSECONDS.toMillis(p95),
                asked.sum(),
                hits.sum(),
                misses.sum(),
                failures.sum(),
                lies.sum(),
                cancelled.sum(),
                hedged.sum(),
                narFailures.sum(),
                lastError);
    }
}
