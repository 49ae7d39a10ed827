package dev.narsil.blockstore;

import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what somebody relies on from being collected.
 *
 * <p>While a collection runs, whoever is about to refer to something notes its id and looks it up in one step; the collection finds
 * that an id is not noted and deletes what is under it in one step; no two such steps overlap. What ingests in progress relied on
 * before the collection began is noted when it begins: an ingest puts an id into its recipe before it asks for the block.
 */
final class CollectionGuard {

    private final Lock relying;
    private final Lock deleting;
    private final List<Recipe.Builder> unfinished = new ArrayList<>();
    private long leftBytes;
    private volatile @Nullable IdFilter kept;

    CollectionGuard() {
        ReadWriteLock lock = new ReentrantReadWriteLock();
        relying = lock.readLock();
        deleting = lock.writeLock();
    }

    /** Looks something up in the store. */
    interface Lookup<T extends @Nullable Object, E extends Exception> {
        T look() throws E;
    }

    /** Changes what is stored under ids that nobody relies on. */
    interface Change {
        void change(List<Sha256> ids) throws IOException;
    }

    /** Hears that an ingest begins, which relies on what it has put into {@code recipe}. */
    synchronized void begun(Recipe.Builder recipe) {
        unfinished.add(recipe);
    }

    /** Hears that an ingest has ended, having added {@code left} bytes of blocks that no finished NAR has. */
    synchronized void ended(Recipe.Builder recipe, long left) {
        unfinished.removeIf(other -> other == recipe);
        leftBytes += left;
    }

    /** Bytes of blocks that ingests have added which then did not finish, and that were not collected yet. */
    synchronized long leftBytes() {
        return leftBytes;
    }

    /** From here on notes what is relied on in {@code filter}. */
    void start(IdFilter filter) {
        kept = filter;
    }

    /** Notes what ingests in progress rely on. */
    void noteUnfinished(IdFilter filter) {
        List<Recipe.Builder> recipes;
        synchronized (this) {
            recipes = List.copyOf(unfinished);
        }
        recipes.forEach(recipe -> recipe.noteIn(filter));
    }

    /** Notes no more; {@code collected} of the bytes left by ingests are not there any more. */
    synchronized void end(long collected) {
        kept = null;
        leftBytes -= collected;
    }

    /** Looks up what is under this id, which the caller then refers to if it is there: no collection takes it away. */
    <T extends @Nullable Object, E extends Exception> T relyOn(Sha256 id, Lookup<T, E> lookup) throws E {
        IdFilter filter = kept;
        if (filter == null) {
            return lookup.look();
        }
        relying.lock();
        try {
            filter.add(id);
            return lookup.look();
        } finally {
            relying.unlock();
        }
    }

    /** Notes an id that the caller is about to put something under. */
    void note(Sha256 id) {
        this.<Boolean, RuntimeException>relyOn(id, () -> true);
    }

    /** Changes what is under those of {@code ids} that {@code filter}, the one in use, has not; returns the others. */
    List<Sha256> changeUnkept(IdFilter filter, List<Sha256> ids, Change change) throws IOException {
        if (ids.isEmpty()) {
            return ids;
        }
        deleting.lock();
        try {
            List<Sha256> unkept =
                    ids.stream().filter(id -> !filter.mayContain(id)).toList();
            List<Sha256> others = ids.stream().filter(filter::mayContain).toList();
            if (!unkept.isEmpty()) {
                change.change(unkept);
            }
            return others;
        } finally {
            deleting.unlock();
        }
    }
}
