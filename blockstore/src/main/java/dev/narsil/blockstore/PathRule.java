package dev.narsil.blockstore;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Says what is stored of a path that is published while something may be known of it already. Runs while the store is locked for
 * others: it must neither wait nor use the store.
 */
public interface PathRule {

    /**
     * Returns what is stored from now on: {@code known} for no change.
     *
     * @param known what is stored or about to be, or null for nothing
     * @throws IOException to refuse what is published
     */
    PathInfo apply(@Nullable PathInfo known, PathInfo published) throws IOException;
}
