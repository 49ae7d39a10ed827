package dev.narsil.gateway.http;

import dev.narsil.gateway.download.DownloadState;
import dev.narsil.gateway.download.NarDownloads;
import dev.narsil.gateway.download.NarOrigin;
import dev.narsil.gateway.ipfs.fetch.FetchState;
import dev.narsil.gateway.ipfs.fetch.IpfsFetch;
import dev.narsil.gateway.metrics.Metrics;
import dev.narsil.gateway.pinning.PinService;
import dev.narsil.gateway.pinning.PinState;
import dev.narsil.gateway.upload.UploadCounters;
import dev.narsil.gateway.upload.Uploads;
import dev.narsil.gateway.upstream.UpstreamState;
import dev.narsil.gateway.upstream.Upstreams;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;

/** Registers what the services of a server count. An upstream is named by its URL, which has no credentials. */
final class ServiceMeters {

    private static final List<String> BREAKER_STATES = List.of("closed", "open", "half-open");

    private final Metrics metrics;

    private ServiceMeters(Metrics metrics) {
        this.metrics = metrics;
    }

    static void register(Services services, Metrics metrics) {
        ServiceMeters meters = new ServiceMeters(metrics);
        metrics.gauge(
                "narsil.pool.waiting",
                "Tasks that wait for a thread",
                services.store()::tasksWaiting,
                "pool",
                "native");
        Upstreams upstreams = services.upstreams();
        if (upstreams != null) {
            meters.upstreams(upstreams);
        }
        NarDownloads downloads = services.downloads();
        if (downloads != null) {
            meters.downloads(downloads);
        }
        IpfsFetch fetch = services.fetch();
        if (fetch != null) {
            meters.fetch(fetch);
        }
        Uploads uploads = services.uploads();
        if (uploads != null) {
            meters.uploads(uploads);
        }
        PinService pins = services.pins();
        if (pins != null) {
            meters.pins(pins);
        }
    }

    private void upstreams(Upstreams upstreams) {
        List<UpstreamState> states = upstreams.states();
        for (int i = 0; i < states.size(); i++) {
            upstream(upstreams, i, states.get(i).url());
        }
        metrics.counter(
                "narsil.upstream.prefetches.dropped",
                "Paths not fetched ahead because too many were",
                upstreams::prefetchesDropped);
    }

    private void upstream(Upstreams upstreams, int index, String url) {
        for (String state : BREAKER_STATES) {
            metrics.gauge(
                    "narsil.upstream.breaker",
                    "1 for the state in which the circuit breaker of an upstream is",
                    () -> upstreams.states().get(index).breaker().equals(state) ? 1 : 0,
                    "upstream",
                    url,
                    "state",
                    state);
        }
        metrics.gauge(
                "narsil.upstream.p95.seconds",
                "The time within which 95 of 100 of the latest narinfo answers came",
                () -> {
                    long millis = upstreams.states().get(index).p95Millis();
                    return millis < 0 ? Double.NaN : millis / (double) TimeUnit.SECONDS.toMillis(1);
                },
                "upstream",
                url);
        answers(upstreams, index, url, "hit", UpstreamState::hits);
        answers(upstreams, index, url, "miss", UpstreamState::misses);
        answers(upstreams, index, url, "failure", UpstreamState::failures);
        answers(upstreams, index, url, "lie", UpstreamState::lies);
        answers(upstreams, index, url, "cancelled", UpstreamState::cancelled);
        metrics.counter(
                "narsil.upstream.hedged",
                "Narinfos asked of an upstream because another one was slow",
                () -> upstreams.states().get(index).hedged(),
                "upstream",
                url);
        metrics.counter(
                "narsil.upstream.nar.failures",
                "NAR files that an upstream did not give or that broke off",
                () -> upstreams.states().get(index).narFailures(),
                "upstream",
                url);
    }

    private void answers(
            Upstreams upstreams, int index, String url, String answer, ToLongFunction<UpstreamState> count) {
        metrics.counter(
                "narsil.upstream.answers",
                "What upstreams said when they were asked for a narinfo",
                () -> count.applyAsLong(upstreams.states().get(index)),
                "upstream",
                url,
                "answer",
                answer);
    }

    private void downloads(NarDownloads downloads) {
        metrics.gauge(
                "narsil.downloads.in.flight",
                "NARs that come from upstreams or are not durable yet",
                () -> downloads.state().active());
        metrics.gauge(
                "narsil.downloads.readers",
                "Clients that read NARs while they come",
                () -> downloads.state().readers());
        metrics.gauge(
                "narsil.downloads.spool.bytes",
                "Bytes set aside for spool files",
                () -> downloads.state().spoolBytes());
        downloads(downloads, "started", DownloadState::started);
        downloads(downloads, "joined", DownloadState::joined);
        downloads(downloads, "completed", DownloadState::completed);
        downloads(downloads, "stored", DownloadState::stored);
        downloads(downloads, "not-stored", DownloadState::notStored);
        downloads(downloads, "failed", DownloadState::failed);
        downloads(downloads, "mismatch", DownloadState::mismatches);
        downloads(downloads, "cancelled", DownloadState::cancelled);
        downloads(downloads, "refused", DownloadState::refused);
        downloads(downloads, "resumed", DownloadState::resumed);
        downloads(downloads, "switched", DownloadState::switched);
        downloads(downloads, "hedged", DownloadState::hedged);
        metrics.counter(
                "narsil.downloads.wire.bytes",
                "Bytes that came from upstreams for NARs",
                () -> downloads.state().wireBytes());
        metrics.counter(
                "narsil.downloads.nar.bytes",
                "Bytes of NARs that came out of them",
                () -> downloads.state().narBytes());
        won(downloads, NarOrigin.STORE, DownloadState::wonByStore);
        won(downloads, NarOrigin.HTTP, DownloadState::wonByHttp);
        won(downloads, NarOrigin.IPFS, DownloadState::wonByIpfs);
    }

    private void won(NarDownloads downloads, NarOrigin origin, ToLongFunction<DownloadState> count) {
        metrics.counter(
                "narsil.nars.won",
                "NARs that clients wanted, by where the first bytes of each came from",
                () -> count.applyAsLong(downloads.state()),
                "origin",
                origin.name().toLowerCase(Locale.ROOT));
    }

    private void fetch(IpfsFetch fetch) {
        fetch(fetch, "opened", FetchState::opened);
        fetch(fetch, "miss", FetchState::misses);
        fetch(fetch, "lie", FetchState::lies);
        fetch(fetch, "failure", FetchState::failures);
        fetchBytes(fetch, "daemon", FetchState::bytes);
        fetchBytes(fetch, "store", FetchState::localBytes);
    }

    private void fetch(IpfsFetch fetch, String event, ToLongFunction<FetchState> count) {
        metrics.counter(
                "narsil.ipfs.fetch",
                "What became of fetching from IPFS: NARs opened, of which nothing came; blocks that were wrong, not had",
                () -> count.applyAsLong(fetch.state()),
                "event",
                event);
    }

    private void fetchBytes(IpfsFetch fetch, String from, ToLongFunction<FetchState> count) {
        metrics.counter(
                "narsil.ipfs.fetch.bytes",
                "Bytes of blocks of NARs from IPFS, by whether the daemon gave them or the store had them",
                () -> count.applyAsLong(fetch.state()),
                "from",
                from);
    }

    private void downloads(NarDownloads downloads, String event, ToLongFunction<DownloadState> count) {
        metrics.counter(
                "narsil.downloads",
                "What became of downloads from upstreams",
                () -> count.applyAsLong(downloads.state()),
                "event",
                event);
    }

    private void uploads(Uploads uploads) {
        metrics.gauge("narsil.uploads.in.flight", "NARs that clients send", uploads::narsInFlight);
        metrics.gauge(
                "narsil.uploads.waiting", "NARs that clients want to send and have to wait for", uploads::narsWaiting);
        UploadCounters counters = uploads.counters();
        uploads("nar-stored", counters.narsStored);
        uploads("nar-here", counters.narsHere);
        uploads("path-stored", counters.pathsStored);
        uploads("object-stored", counters.objectsStored);
        uploads("refused", counters.refused);
        uploads("lost", counters.lost);
        metrics.counter(
                "narsil.uploads.aliases.unreadable",
                "Records of uploaded files that cannot be read and count as missing",
                uploads::unreadableAliases);
        metrics.counter("narsil.uploads.received.bytes", "Bytes of uploads that arrived", counters.bytesReceived::sum);
    }

    private void pins(PinService pins) {
        for (PinState state : PinState.values()) {
            metrics.gauge(
                    "narsil.pins",
                    "What others asked this server to keep in IPFS",
                    () -> pins.count(state),
                    "state",
                    state.toString());
        }
        metrics.gauge("narsil.pins.bytes", "Bytes of blocks that are kept for others", pins::bytes);
    }

    private void uploads(String event, LongAdder count) {
        metrics.counter("narsil.uploads", "What became of uploads", count::sum, "event", event);
    }
}
