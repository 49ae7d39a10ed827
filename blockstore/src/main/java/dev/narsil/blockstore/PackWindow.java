package dev.narsil.blockstore;

import dev.narsil.blockstore.pack.Pack;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The packs one reader uses and will use next, held so that the cache cannot drop them in between. Not safe for use by several
 * threads.
 */
final class PackWindow {

    /** Packs held besides those read ahead: the one in use and the one before. */
    private static final int IN_USE = 2;

    private final PackCache cache;
    private final Map<Long, CompletableFuture<PackCache.Loaded>> held = new LinkedHashMap<>(16, 0.75f, true);

    PackWindow(PackCache cache) {
        this.cache = cache;
    }

    /** Starts reading a pack, unless it is held or cached. */
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
            Iterator<Long> oldest = held.keySet().iterator();
            for (int excess = held.size() - cache.prefetchLimit() - IN_USE; excess > 0; excess--) {
                oldest.next();
                oldest.remove();
            }
        }
        return pack;
    }
}
