package dev.narsil.gateway.importer;

/** Hears how far an import is: from any thread, one call at a time, except {@link #taken}. Must not block. */
public interface ImportListener {

    /** Hears nothing. */
    ImportListener NONE = new ImportListener() {};

    /**
     * Paths have been selected.
     *
     * @param paths how many so far
     * @param all whether these are all
     */
    default void discovered(long paths, boolean all) {}

    /** Bytes of NAR have been taken in, of a path that may yet fail. Called often and by several threads at once. */
    default void taken(int narBytes) {}

    /**
     * A path is durable.
     *
     * @param path base name
     * @param narBytes length of its NAR
     * @param fileBytes bytes fetched for it, compressed; 0 where its NAR was stored already
     */
    default void imported(String path, long narBytes, long fileBytes) {}

    /** A path was known already; {@code path} is its base name. */
    default void skipped(String path) {}

    /** A path was not imported; {@code path} is its base name, or its digest where that is all that is known. */
    default void failed(String path, String reason) {}

    /** Something worth telling that is no failure, in one line. */
    default void message(String text) {}
}
