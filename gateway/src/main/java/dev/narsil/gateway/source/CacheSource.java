package dev.narsil.gateway.source;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.NarInfoException;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A binary cache that can be read. Safe for use by many threads; every method may block, so none is for an event
 * loop.
 */
public interface CacheSource extends AutoCloseable {

    /**
     * Returns the cache at {@code url}: {@code file:///dir}, {@code http://...} or {@code https://...}. Nothing is
     * read yet.
     *
     * @param storeDir the store directory its narinfos must be of
     * @throws IllegalArgumentException if the URL is none of these; the message has no credentials
     */
    static CacheSource open(String url, StoreDir storeDir) {
        if (url.startsWith("file:")) {
            return new FileSource(url, storeDir);
        }
        if (url.startsWith("http://") || url.startsWith("https://")) {
            return new HttpSource(url, storeDir, RetryPolicy.DEFAULT);
        }
        throw new IllegalArgumentException("a binary cache is file:///dir, http://... or https://...");
    }

    /** Returns its URL, without credentials. */
    String describe();

    /**
     * Reads {@code nix-cache-info}.
     *
     * @throws SourceException if there is none, so that this is not a binary cache
     */
    CacheInfo cacheInfo() throws IOException;

    /**
     * Reads a narinfo; empty if the cache does not have the path.
     *
     * @throws NarInfoException if it is not one
     */
    Optional<NarInfo> narInfo(Digest digest) throws IOException;

    /**
     * Opens the file a narinfo names, as it is stored: compressed, and not verified.
     *
     * @throws SourceException if there is no such file, or the URL leads out of the cache or to something unknown
     */
    InputStream openFile(NarInfo narInfo) throws IOException;

    /** Opens another file of the cache, such as {@code store-paths}; empty if there is none. */
    Optional<InputStream> openResource(String name) throws IOException;

    /** Tells whether {@link #listPaths} works. */
    boolean canList();

    /**
     * Tells {@code action} the digest of each path in the cache, in no order and as they are found.
     *
     * @throws SourceException if this cache cannot be listed
     */
    void listPaths(Consumer<Digest> action) throws IOException;

    /** Gives connections back; what is being read fails. */
    @Override
    void close();
}
