package dev.narsil.gateway.cli;

import dev.narsil.gateway.cli.PublishSummary.Failure;
import dev.narsil.gateway.ipfs.Publication;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a publication has done so far. Safe for use by many threads. */
final class PublishCounts {

    /** Most paths that are told by name. */
    private static final int MAX_TOLD = 1000;

    private final List<Failure> failures = new ArrayList<>();
    private long published;
    private long present;
    private long refused;
    private long failed;
    private long narBytes;
    private long blocks;
    private long blockBytes;

    synchronized void published(Publication publication, long narSize) {
        if (publication.fresh()) {
            published++;
            narBytes += narSize;
        } else {
            present++;
        }
        blocks += publication.blocks();
        blockBytes += publication.blockBytes();
    }

    synchronized void refused(String path, String reason) {
        refused++;
        tell(path, reason);
    }

    synchronized void failed(String path, String reason) {
        failed++;
        tell(path, reason);
    }

    private void tell(String path, String reason) {
        if (failures.size() < MAX_TOLD) {
            failures.add(new Failure(path, reason));
        }
    }

    synchronized ProgressState state(long total, long sentBytes) {
        return new ProgressState("publish", "paths", published + present, refused + failed, total, sentBytes, -1);
    }

    /** Sums up; refused paths are as wished where all were selected. */
    synchronized PublishSummary summary(Duration elapsed, boolean all) {
        return new PublishSummary(
                published, present, refused, failed, failures, narBytes, blocks, blockBytes, elapsed, all);
    }
}
