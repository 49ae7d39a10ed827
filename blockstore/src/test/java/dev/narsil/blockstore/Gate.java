package dev.narsil.blockstore;

import dev.narsil.blockstore.testing.WatchedBlockStore;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** Holds up the commits of a store. */
final class Gate {

    private Gate() {}

    /** Every commit waits for {@code go}. */
    static UnaryOperator<BlockStore> closedUntil(CompletableFuture<Void> go) {
        return blocks -> new WatchedBlockStore(blocks, (store, entries) -> go.join());
    }
}
