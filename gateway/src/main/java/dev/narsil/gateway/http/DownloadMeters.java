package dev.narsil.gateway.http;

import dev.narsil.gateway.download.DownloadState;
import dev.narsil.gateway.download.NarDownloads;
import dev.narsil.gateway.metrics.Metrics;
import java.util.function.ToLongFunction;

/** The meters of downloads; what each counts is told by {@link DownloadState}. */
final class DownloadMeters {

    private DownloadMeters() {}

    /** Registers what {@code downloads} count and hold. */
    static void register(NarDownloads downloads, Metrics metrics) {
        metrics.gauge(
                "narsil.downloads.active",
                "NARs being downloaded or not yet durable",
                () -> downloads.state().active());
        metrics.gauge(
                "narsil.downloads.readers",
                "Clients that read NARs that are downloaded",
                () -> downloads.state().readers());
        metrics.gauge(
                "narsil.downloads.spool.bytes",
                "Bytes set aside for spool files",
                () -> downloads.state().spoolBytes());
        counter(downloads, metrics, "started", "Downloads begun", DownloadState::started);
        counter(downloads, metrics, "joined", "Clients that joined a download", DownloadState::joined);
        counter(downloads, metrics, "completed", "Downloads whose NarHash was right", DownloadState::completed);
        counter(downloads, metrics, "stored", "Downloaded NARs that became durable", DownloadState::stored);
        counter(downloads, metrics, "unstored", "Downloaded NARs that were not stored", DownloadState::notStored);
        counter(downloads, metrics, "failed", "Downloads that did not get their NAR", DownloadState::failed);
        counter(downloads, metrics, "mismatches", "Downloads whose NarHash was wrong", DownloadState::mismatches);
        counter(downloads, metrics, "cancelled", "Downloads that nobody wanted any more", DownloadState::cancelled);
        counter(downloads, metrics, "refused", "Requests for which there was no room", DownloadState::refused);
        counter(downloads, metrics, "resumed", "Connections continued at the same upstream", DownloadState::resumed);
        counter(downloads, metrics, "switched", "NARs continued from another upstream", DownloadState::switched);
        counter(downloads, metrics, "hedged", "Upstreams asked as another was slow", DownloadState::hedged);
        counter(downloads, metrics, "wire.bytes", "Bytes that came from upstreams", DownloadState::wireBytes);
        counter(downloads, metrics, "nar.bytes", "Bytes of NAR that came out of them", DownloadState::narBytes);
    }

    private static void counter(
            NarDownloads downloads, Metrics metrics, String name, String help, ToLongFunction<DownloadState> value) {
        metrics.counter("narsil.downloads." + name, help, () -> value.applyAsLong(downloads.state()));
    }
}
