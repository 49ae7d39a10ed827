package dev.narsil.blockstore;

import dev.narsil.blockstore.pack.Pack;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The pack one reader uses and those it will use next, held so that the cache cannot drop them in between. Not safe for use by
 * several threads.
 */
final class PackWindow {

    private final PackCache cache;
    private final Map<Long, CompletableFuture<PackCache.Loaded>> held = new LinkedHashMap<>(16, 0.75f, true);

    PackWindow(PackCache cache) {
        this.cache = cache;
    }

    /** Starts reading a pack that comes soon, unless it is held or cached; packs that were not named for long are let go. */
    void prefetch(long number) throws StoreException {
        var _ = hold(number);
    }

    /** Returns a pack, waiting for it. */
    Pack get(long number) throws IOException {
        return cache.await(number, hold(number));
    }

    private CompletableFuture<PackCache.Loaded> hold(long number) throws StoreException {
        CompletableFuture<PackCache.Loaded> pack = held.get(number);
        if (pack == null) {
            pack = cache.load(number);
            held.put(number, pack);
        }
        Iterator<Long> oldest = held.keySet().iterator();
        for (int excess = held.size() - cache.prefetchLimit() - 1; excess > 0; excess--) {
            oldest.next();
            oldest.remove();
        }
        return pack;
    }
}
