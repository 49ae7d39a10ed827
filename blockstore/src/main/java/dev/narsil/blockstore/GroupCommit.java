package dev.narsil.blockstore;

import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.rewrite.hash.Sha256;

/**
 * Makes what many ingests produce durable together.
 *
 * <p>Ingests claim blocks ({@link ClaimedBlocks}) and add them through {@link Lanes}, which make packs of them. The
 * open group of the {@link CommitQueue} gathers packs, finished NARs and the records of the {@link Publisher}. The
 * {@link Committer} takes the group when enough bytes wait, when it is old enough or when somebody flushes, commits it,
 * and has the {@link PathListeners} hear of its paths.
 *
 * <p>Each of them says what guards it. Who holds a lock may ask for those of later ones only: monitor of {@link Lanes},
 * monitor of a {@link Lane}, lock of the {@link CommitQueue}, {@link CollectionGuard}.
 */
final class GroupCommit implements AutoCloseable {

    private final BlockStore store;
    private final CollectionGuard guard = new CollectionGuard();
    private final PathListeners pathListeners = new PathListeners();
    private final CommitQueue queue;
    private final Lanes lanes;
    private final Publisher publisher;
    private final Committer committer;

    /** Starts to commit to {@code store}. */
    GroupCommit(BlockStore store) throws StoreException {
        this.store = store;
        this.queue = new CommitQueue(store.nextPack(), guard);
        ClaimedBlocks claimed = new ClaimedBlocks(store, guard);
        this.lanes = new Lanes(queue, claimed, guard, store.chunker().max());
        this.publisher = new Publisher(store, guard, queue);
        this.committer = new Committer(store, queue, claimed, lanes, pathListeners);
    }

    /** Keeps what ingests and publications rely on from being collected. */
    CollectionGuard guard() {
        return guard;
    }

    /** Hear of each path that was published, once it is durable and before its publisher does. */
    PathListeners pathListeners() {
        return pathListeners;
    }

    /** What waits to become durable. */
    CommitQueue queue() {
        return queue;
    }

    /** What ingests add blocks through. */
    Lanes lanes() {
        return lanes;
    }

    /** Adds what is said of NARs. */
    Publisher publisher() {
        return publisher;
    }

    /** Tells whether a recipe is stored; the caller then relies on it. */
    boolean isKnownRecipe(Sha256 id) throws StoreException {
        return guard.relyOn(id, () -> store.get(Table.RECIPE, id.bytes()) != null);
    }

    /**
     * From here on notes in {@code kept} what anybody relies on. When this returns, what ingests in progress rely on
     * already is noted too, and what was finished before is durable.
     *
     * @return the lowest number a pack may have that is added from here on
     */
    long beginCollection(IdFilter kept) throws StoreException {
        queue.flush();
        long firstPack = queue.startNoting(kept);
        guard.noteUnfinished(kept);
        queue.flush();
        return firstPack;
    }

    /** Commits what is there and ends the committer. */
    @Override
    public void close() {
        committer.close();
    }
}
