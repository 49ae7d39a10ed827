package dev.narsil.blockstore;

import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.rewrite.hash.Sha256;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The blocks on their way into the store: each was claimed by one lane, which has to add it, until the commit of its
 * pack has ended.
 *
 * <p>Lanes ask and claim, the committer releases. Waits for no lock but the {@link CollectionGuard}'s.
 */
final class ClaimedBlocks {

    private static final System.Logger LOG = System.getLogger(ClaimedBlocks.class.getName());

    private final BlockStore store;
    private final CollectionGuard guard;
    private final Map<Sha256, Boolean> claimed = new ConcurrentHashMap<>();

    ClaimedBlocks(BlockStore store, CollectionGuard guard) {
        this.store = store;
        this.guard = guard;
    }

    /** Tells whether a block is stored or in a lane or pack that will be; the caller then relies on it. */
    boolean isKnown(Sha256 id) throws StoreException {
        return guard.relyOn(id, () -> claimed.containsKey(id) || store.get(Table.BLOCK, id.bytes()) != null);
    }

    /**
     * Tells whether the caller, a lane that holds its monitor, is the one who has to add this block. The block of a
     * commit that has just ended is not claimed any more, but stored. Where the store cannot be asked, the block is added,
     * at worst a second time: somebody may rely on the claim already.
     */
    boolean claim(Sha256 id) {
        if (claimed.putIfAbsent(id, true) != null) {
            return false;
        }
        boolean stored = false;
        try {
            stored = store.get(Table.BLOCK, id.bytes()) != null;
        } catch (StoreException | RuntimeException e) {
            LOG.log(System.Logger.Level.DEBUG, "a block is added although it may be stored", e);
        }
        if (stored) {
            claimed.remove(id);
        }
        return !stored;
    }

    /** Ends the claims on blocks whose commit has ended: they are stored now, or lost. */
    void release(List<Sha256> ids) {
        ids.forEach(claimed::remove);
    }
}
