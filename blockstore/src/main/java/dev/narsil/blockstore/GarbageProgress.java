package dev.narsil.blockstore;

/** Hears how far a garbage collection is, on its thread; what it throws ends the collection, which harms nothing. */
public interface GarbageProgress {

    /** Hears nothing. */
    GarbageProgress NONE = (phase, done, total) -> {};

    /**
     * Tells how far a phase is.
     *
     * @param phase what is being looked at, such as {@code "blocks"}
     * @param done units finished of this phase
     * @param total units of this phase, about
     */
    void progress(String phase, long done, long total);
}
