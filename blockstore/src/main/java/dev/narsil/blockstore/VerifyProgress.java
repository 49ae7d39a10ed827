package dev.narsil.blockstore;

/** Hears how far a verification is, from any thread and often. */
public interface VerifyProgress {

    /** Hears nothing. */
    VerifyProgress NONE = (phase, done, total, bytes) -> {};

    /**
     * Tells how far a phase is.
     *
     * @param phase what is being verified, such as {@code "packs"}
     * @param done units finished of this phase
     * @param total units of this phase
     * @param bytes raw bytes hashed in this phase
     */
    void progress(String phase, long done, long total, long bytes);
}
