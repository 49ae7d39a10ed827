package dev.narsil.gateway.importer;

import java.util.List;

/**
 * What an import did.
 *
 * @param imported paths that are durable now and were not known before
 * @param skipped paths that were known before
 * @param failed paths that were not imported
 * @param failures the first {@link #MAX_REPORTED_FAILURES} of those
 * @param narBytes sum of NarSize over imported paths
 * @param fileBytes bytes fetched for imported paths, compressed
 * @param cancelled whether it was stopped before it was through
 */
public record ImportReport(
        long imported,
        long skipped,
        long failed,
        List<Failure> failures,
        long narBytes,
        long fileBytes,
        boolean cancelled) {

    /** Most failures that are kept; all are counted and told to the listener. */
    public static final int MAX_REPORTED_FAILURES = 1000;

    public ImportReport {
        failures = List.copyOf(failures);
    }

    /**
     * A path that was not imported.
     *
     * @param path base name, or digest where that is all that is known
     * @param reason one line
     */
    public record Failure(String path, String reason) {}
}
