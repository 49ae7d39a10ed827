package dev.narsil.gateway.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StorePath;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * Has the references of what clients ask for searched for before they ask. Each path is looked at once in
 * {@link #ONCE_IN}. Safe for use by many threads; never blocks.
 */
final class FetchAhead {

    /** How long a path is not looked at again. */
    static final Duration ONCE_IN = Duration.ofMinutes(10);

    /** Most paths of which it is known that they were looked at. */
    static final int MAX_SEEN = 200_000;

    private final Predicate<Digest> searchAhead;
    private final Cache<Digest, Boolean> seen = cache();
    private final Cache<Digest, Boolean> expanded = cache();
    private final LongAdder dropped = new LongAdder();

    /**
     * Nothing was asked for yet.
     *
     * @param searchAhead has a path searched for; false if too many are
     */
    FetchAhead(Predicate<Digest> searchAhead) {
        this.searchAhead = searchAhead;
    }

    private static Cache<Digest, Boolean> cache() {
        return Caffeine.newBuilder()
                .maximumSize(MAX_SEEN)
                .expireAfterWrite(ONCE_IN)
                .executor(Runnable::run)
                .build();
    }

    /** Has the references of a path searched for, unless they were lately. */
    void references(NarInfo narInfo) {
        if (expanded.asMap().putIfAbsent(narInfo.storePath().digest(), true) == null) {
            paths(narInfo.pathInfo().references());
        }
    }

    /** Has paths searched for, unless they were lately. */
    void paths(Collection<StorePath> paths) {
        for (StorePath path : paths) {
            Digest digest = path.digest();
            if (seen.asMap().putIfAbsent(digest, true) == null && !searchAhead.test(digest)) {
                seen.invalidate(digest);
                dropped.increment();
            }
        }
    }

    /** Returns how many paths were not searched for because too many were. */
    long dropped() {
        return dropped.sum();
    }
}
