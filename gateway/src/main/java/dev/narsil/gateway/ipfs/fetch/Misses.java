package dev.narsil.gateway.ipfs.fetch;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narsil.blockstore.ipfs.cid.Cid;
import java.time.Duration;

/** The roots of which nothing came lately, and how long they were waited for. Safe for use by many threads. */
final class Misses {

    /** Most that are remembered. */
    private static final int MAX_ENTRIES = 10_000;

    private final Cache<Cid, Duration> waited;

    Misses(Duration lifetime) {
        waited = Caffeine.newBuilder()
                .maximumSize(MAX_ENTRIES)
                .expireAfterWrite(lifetime)
                .executor(Runnable::run)
                .build();
    }

    /** Remembers that nothing came within {@code time}. */
    void add(Cid root, Duration time) {
        waited.asMap().merge(root, time, (before, now) -> before.compareTo(now) > 0 ? before : now);
    }

    /** Whether waiting for {@code time} is likely in vain. */
    boolean has(Cid root, Duration time) {
        Duration before = waited.getIfPresent(root);
        return before != null && before.compareTo(time) >= 0;
    }
}
