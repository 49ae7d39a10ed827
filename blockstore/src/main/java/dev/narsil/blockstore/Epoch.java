package dev.narsil.blockstore;

import org.jspecify.annotations.Nullable;

/**
 * The time between two commits that fail, as a number. A commit that fails loses the blocks of its packs, and whoever
 * began in the epoch it ends may have counted on one of them. Guarded by the lock of {@link CommitQueue}.
 */
final class Epoch {

    private int number;
    private @Nullable StoreException lastFailure;

    int number() {
        return number;
    }

    /** Begins the next one, as a commit has failed. */
    void end(StoreException failure) {
        number++;
        lastFailure = failure;
    }

    /** What ended the one before, or {@code otherwise} if this is the first. */
    StoreException lastFailureOr(StoreException otherwise) {
        return lastFailure == null ? otherwise : lastFailure;
    }

    /** Refuses what an ingest has finished that began in another epoch. */
    void requireIngestOf(int epochAtStart) throws StoreException {
        if (epochAtStart != number && lastFailure != null) {
            throw new StoreException(
                    lastFailure.kind(), "storing failed while the NAR was taken in: " + lastFailure.getMessage());
        }
    }

    /** Fails a flush that began in another epoch. */
    void requireFlushOf(int epochAtStart) throws StoreException {
        if (epochAtStart != number && lastFailure != null) {
            throw new StoreException(lastFailure.kind(), String.valueOf(lastFailure.getMessage()), lastFailure);
        }
    }
}
