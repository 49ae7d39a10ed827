package dev.narsil.gateway.importer;

import dev.narsil.gateway.importer.ImportReport.Failure;
import java.util.ArrayList;
import java.util.List;

/** Counts what becomes of paths and tells the listener, one call at a time. */
final class Tally {

    private static final int MAX_REASON_LENGTH = 1000;

    private final ImportListener listener;
    private final List<Failure> failures = new ArrayList<>();
    private long imported;
    private long skipped;
    private long failed;
    private long narBytes;
    private long fileBytes;

    Tally(ImportListener listener) {
        this.listener = listener;
    }

    synchronized void discovered(long paths, boolean all) {
        listener.discovered(paths, all);
    }

    void taken(int narBytes) {
        listener.taken(narBytes);
    }

    synchronized void imported(String path, long pathNarBytes, long pathFileBytes) {
        imported++;
        narBytes += pathNarBytes;
        fileBytes += pathFileBytes;
        listener.imported(path, pathNarBytes, pathFileBytes);
    }

    synchronized void skipped(String path) {
        skipped++;
        listener.skipped(path);
    }

    synchronized void failed(String path, String reason) {
        failed++;
        String line = oneLine(reason);
        if (failures.size() < ImportReport.MAX_REPORTED_FAILURES) {
            failures.add(new Failure(path, line));
        }
        listener.failed(path, line);
    }

    synchronized void message(String text) {
        listener.message(oneLine(text));
    }

    synchronized ImportReport report(boolean cancelled) {
        return new ImportReport(imported, skipped, failed, failures, narBytes, fileBytes, cancelled);
    }

    /** Texts from caches may be told on a terminal. */
    private static String oneLine(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() <= MAX_REASON_LENGTH ? line : line.substring(0, MAX_REASON_LENGTH) + "...";
    }
}
