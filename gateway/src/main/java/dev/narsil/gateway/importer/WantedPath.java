package dev.narsil.gateway.importer;

import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import org.jspecify.annotations.Nullable;

/**
 * A path to import.
 *
 * @param digest what it is looked up by
 * @param path all of it, where it is known; then another name in the cache is a failure
 */
public record WantedPath(Digest digest, @Nullable StorePath path) {

    /** Wants whatever path has this digest. */
    public static WantedPath of(Digest digest) {
        return new WantedPath(digest, null);
    }

    /** Wants this path. */
    public static WantedPath of(StorePath path) {
        return new WantedPath(path.digest(), path);
    }

    /**
     * Reads a full path, a base name or a digest.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static WantedPath parse(StoreDir storeDir, String text) {
        if (text.startsWith("/")) {
            return of(StorePath.parse(storeDir, text));
        }
        return text.length() == Digest.LENGTH ? of(Digest.parse(text)) : of(StorePath.parseBaseName(text));
    }

    /** Returns the base name, or the digest where that is all that is known. */
    @Override
    public String toString() {
        return path == null ? digest.toString() : path.baseName();
    }
}
