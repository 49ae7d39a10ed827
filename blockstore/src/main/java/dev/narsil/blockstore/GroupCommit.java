package dev.narsil.blockstore;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.CommitGroup.PublishedPath;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.pack.EncodedPack;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes what many ingests produce durable together.
 *
 * <p>The open group gathers packs, finished NARs and records. A committer thread closes it when enough bytes wait, when
 * it is old enough or when somebody flushes. It takes the NARs and records first and seals the packs of all lanes after, so
 * every block of a taken NAR lies in this group's packs or in an earlier one.
 *
 * <p>A commit that fails starts a new epoch: blocks of its packs are forgotten, and every ingest that began before may have
 * counted on one of them, so it fails too.
 */
final class GroupCommit implements AutoCloseable {

    /** Encoded bytes of packs that make a commit due. */
    static final long GROUP_BYTES = 32L << 20;

    /** Encoded bytes of packs not yet durable beyond which ingests wait. */
    static final long MAX_WAITING_BYTES = 64L << 20;

    /** Age of the first thing in a group that makes a commit due, in nanoseconds. */
    static final long MAX_AGE_NANOS = TimeUnit.MILLISECONDS.toNanos(1000);

    private static final System.Logger LOG = System.getLogger(GroupCommit.class.getName());

    private final BlockStore store;
    private final CollectionGuard guard = new CollectionGuard();
    private final Map<Sha256, Boolean> pendingBlocks = new ConcurrentHashMap<>();
    private final Map<Sha256, CommitGroup.FinishedNar> pendingNars = new ConcurrentHashMap<>();
    private final List<Consumer<Digest>> pathListeners = new CopyOnWriteArrayList<>();
    private final Thread committer;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Lane> lanes = new HashSet<>();
    private final List<Lane> idleLanes = new ArrayList<>();
    private CommitGroup open = new CommitGroup();
    private CommitGroup taken = new CommitGroup();
    private long nextPack;
    private long waitingBytes;
    private long flushesWanted;
    private long flushesDone;
    private int epoch;
    private boolean closing;
    private @Nullable StoreException lastFailure;

    GroupCommit(BlockStore store) throws StoreException {
        this.store = store;
        this.nextPack = store.nextPack();
        this.committer = Thread.ofPlatform().name("narsil-commit").daemon().unstarted(this::run);
        committer.start();
    }

    /** Has {@code listener} hear of each path that was published, once it is durable and before its publisher does. */
    void addPathListener(Consumer<Digest> listener) {
        pathListeners.add(listener);
    }

    void removePathListener(Consumer<Digest> listener) {
        pathListeners.remove(listener);
    }

    void pathChanged(Digest digest) {
        pathListeners.forEach(listener -> tell(listener, List.of(digest)));
    }

    /** Tells whether a block is stored or in a lane or pack that will be. */
    boolean isKnown(Sha256 id) throws StoreException {
        return guard.relyOn(id, () -> pendingBlocks.containsKey(id) || store.get(Table.BLOCK, id.bytes()) != null);
    }

    /** Tells whether a recipe is stored. */
    boolean isKnownRecipe(Sha256 id) throws StoreException {
        return guard.relyOn(id, () -> store.get(Table.RECIPE, id.bytes()) != null);
    }

    /**
     * Tells whether the caller, a lane that holds its monitor, is the one who has to add this block. The block of a commit that has
     * just ended is not pending any more, but stored.
     */
    boolean claim(Sha256 id) throws StoreException {
        if (pendingBlocks.putIfAbsent(id, true) != null) {
            return false;
        }
        boolean claimed = false;
        try {
            claimed = store.get(Table.BLOCK, id.bytes()) == null;
        } finally {
            if (!claimed) {
                pendingBlocks.remove(id);
            }
        }
        return claimed;
    }

    /** The number that changes when blocks that were claimed are lost. */
    int epoch() {
        lock.lock();
        try {
            return epoch;
        } finally {
            lock.unlock();
        }
    }

    @Nullable
    NarEntry pendingNar(Sha256 narHash) {
        CommitGroup.FinishedNar nar = pendingNars.get(narHash);
        return nar == null ? null : nar.entry();
    }

    /** Hands out a lane to add blocks through, to an ingest that relies on what it has put into {@code recipe}. */
    Lane borrow(Recipe.Builder recipe) throws StoreException {
        lock.lock();
        try {
            requireOpen();
            guard.begun(recipe);
            if (!idleLanes.isEmpty()) {
                return idleLanes.removeLast();
            }
            Lane lane = new Lane(this, store.chunker().max());
            lanes.add(lane);
            return lane;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a lane back, through which {@code left} bytes were added that no finished NAR has. */
    void giveBack(Lane lane, Recipe.Builder recipe, long left) {
        lock.lock();
        try {
            idleLanes.add(lane);
            guard.ended(recipe, left);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until packs that are not durable take less than {@link #MAX_WAITING_BYTES}. */
    void awaitRoom() throws StoreException {
        lock.lock();
        try {
            while (waitingBytes >= MAX_WAITING_BYTES && !closing) {
                changed.awaitUninterruptibly();
            }
            requireOpen();
        } finally {
            lock.unlock();
        }
    }

    void add(EncodedPack pack) {
        lock.lock();
        try {
            open.touch();
            open.packs.add(new CommitGroup.NumberedPack(nextPack++, pack));
            open.packBytes += pack.bytes().length;
            waitingBytes += pack.bytes().length;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void add(CommitGroup.FinishedNar nar, int epochAtStart) throws StoreException {
        lock.lock();
        try {
            requireOpen();
            if (epochAtStart != epoch) {
                throw new StoreException(
                        lastFailure == null ? StoreException.Kind.FAILED : lastFailure.kind(),
                        "storing failed while the NAR was taken in: "
                                + (lastFailure == null ? "unknown" : lastFailure.getMessage()));
            }
            open.touch();
            open.nars.add(nar);
            guard.note(nar.narHash());
            pendingNars.put(nar.narHash(), nar);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Adds what {@code rule} makes of a path info, whose NAR must be there, and records that go with it. */
    CompletableFuture<Void> publish(PathInfo info, PathRule rule, List<Entry> records) throws IOException {
        lock.lock();
        try {
            requireOpen();
            Digest digest = info.path().digest();
            PublishedPath known = known(digest);
            PathInfo wanted = rule.apply(known == null ? null : known.info(), info);
            if (known != null && wanted.equals(known.info()) && records.isEmpty()) {
                return known.durable();
            }
            NarEntry nar = requireNar(wanted.narHash(), wanted.path().toString());
            if (wanted.narSize() != nar.narSize()) {
                throw new NarMismatchException("the NarSize of " + wanted.path() + " is " + wanted.narSize()
                        + ", its NAR " + wanted.narHash() + " has " + nar.narSize() + " bytes");
            }
            open.touch();
            open.records.add(new Entry(Table.PATH, digest.bytes(), PathInfoCodec.encode(wanted)));
            byte[] narKey = wanted.narHash().bytes();
            if (open.kept.contains(wanted.narHash())
                    || taken.kept.contains(wanted.narHash())
                    || store.get(Table.UNCLAIMED, narKey) != null) {
                open.records.add(new Entry(Table.UNCLAIMED, narKey, null));
            }
            CompletableFuture<Void> durable = addRecords(records);
            open.paths.put(digest, new PublishedPath(wanted, durable));
            return durable;
        } finally {
            lock.unlock();
        }
    }

    /** Returns what is stored of a path or about to be; null for nothing, and for a record that cannot be read. */
    private @Nullable PublishedPath known(Digest digest) throws StoreException {
        PublishedPath opened = open.paths.get(digest);
        PublishedPath pending = opened == null ? taken.paths.get(digest) : opened;
        if (pending != null) {
            return pending;
        }
        byte[] stored = store.get(Table.PATH, digest.bytes());
        if (stored == null) {
            return null;
        }
        try {
            return new PublishedPath(PathInfoCodec.decode(stored), CompletableFuture.completedFuture(null));
        } catch (FormatException e) {
            return null;
        }
    }

    /** Notes a NAR, which must be there, as unclaimed, and adds records that go with it. */
    CompletableFuture<Void> keep(Sha256 narHash, UnclaimedNar unclaimed, List<Entry> records) throws IOException {
        lock.lock();
        try {
            requireOpen();
            requireNar(narHash, "a NAR");
            open.touch();
            open.records.add(new Entry(Table.UNCLAIMED, narHash.bytes(), unclaimed.encode()));
            open.kept.add(narHash);
            return addRecords(records);
        } finally {
            lock.unlock();
        }
    }

    /** Finds a stored NAR as {@link NarStore#renew} does. */
    Optional<RenewedNar> renew(Sha256 narHash, Instant now, List<Entry> records) throws IOException {
        NarEntry nar = storedNar(narHash);
        if (nar == null) {
            return Optional.empty();
        }
        boolean old = isOld(store.get(Table.UNCLAIMED, narHash.bytes()), now);
        if (!old && records.isEmpty()) {
            return Optional.of(new RenewedNar(nar.narSize(), CompletableFuture.completedFuture(null)));
        }
        lock.lock();
        try {
            requireOpen();
            // a collection that began after the first look may have taken it, one that begins now finds the new mark
            if (storedNar(narHash) == null) {
                return Optional.empty();
            }
            open.touch();
            if (old) {
                open.records.add(new Entry(Table.UNCLAIMED, narHash.bytes(), new UnclaimedNar(now).encode()));
                open.kept.add(narHash);
            }
            return Optional.of(new RenewedNar(nar.narSize(), addRecords(records)));
        } finally {
            lock.unlock();
        }
    }

    /** Whether an unclaimed NAR's mark, if there is one, is to be written anew; one that cannot be read is. */
    private static boolean isOld(byte @Nullable [] mark, Instant now) {
        if (mark == null) {
            return false;
        }
        try {
            return UnclaimedNar.decode(mark).since().isBefore(now.minus(UnclaimedNar.RENEWED_AFTER));
        } catch (FormatException e) {
            return !e.isNewerVersion();
        }
    }

    private @Nullable NarEntry storedNar(Sha256 narHash) throws IOException {
        byte[] stored = guard.relyOn(narHash, () -> store.get(Table.NAR, narHash.bytes()));
        return stored == null ? null : NarEntry.decode(stored);
    }

    /** Adds records to the open group. */
    CompletableFuture<Void> write(List<Entry> records) throws StoreException {
        lock.lock();
        try {
            requireOpen();
            open.touch();
            return addRecords(records);
        } finally {
            lock.unlock();
        }
    }

    private CompletableFuture<Void> addRecords(List<Entry> records) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        open.records.addAll(records);
        open.waiting.add(done);
        changed.signalAll();
        return done;
    }

    private NarEntry requireNar(Sha256 narHash, String what) throws IOException {
        return guard.relyOn(narHash, () -> {
            NarEntry pending = pendingNar(narHash);
            if (pending != null) {
                return pending;
            }
            byte[] stored = store.get(Table.NAR, narHash.bytes());
            if (stored == null) {
                throw new StoreException(
                        StoreException.Kind.ABSENT, "the NAR of " + what + " is not stored: " + narHash);
            }
            return NarEntry.decode(stored);
        });
    }

    /** Makes a commit due now, without waiting for it. */
    void expedite() {
        lock.lock();
        try {
            flushesWanted++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until everything handed over before is durable. */
    void flush() throws StoreException {
        lock.lock();
        try {
            requireOpen();
            int epochBefore = epoch;
            long wanted = ++flushesWanted;
            changed.signalAll();
            while (flushesDone < wanted) {
                changed.awaitUninterruptibly();
            }
            if (epoch != epochBefore && lastFailure != null) {
                throw new StoreException(lastFailure.kind(), String.valueOf(lastFailure.getMessage()), lastFailure);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * From here on notes in {@code kept} what anybody relies on. When this returns, what ingests in progress rely on already is
     * noted too, and what was finished before is durable.
     *
     * @return the lowest number a pack may have that is added from here on
     */
    long beginCollection(IdFilter kept) throws StoreException {
        flush();
        long firstPack;
        lock.lock();
        try {
            requireOpen();
            guard.start(kept);
            firstPack = nextPack;
        } finally {
            lock.unlock();
        }
        guard.noteUnfinished(kept);
        flush();
        return firstPack;
    }

    CollectionGuard guard() {
        return guard;
    }

    /** Refuses to go on once the store is being closed. */
    void checkOpen() throws StoreException {
        lock.lock();
        try {
            requireOpen();
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() throws StoreException {
        if (closing) {
            throw new StoreException(StoreException.Kind.FAILED, "the store is closed");
        }
    }

    private void run() {
        try {
            commitGroups();
        } finally {
            abandon();
        }
    }

    private void commitGroups() {
        while (true) {
            List<Lane> toSeal;
            CommitGroup group = new CommitGroup();
            long flushes;
            boolean last;
            lock.lock();
            try {
                awaitDue();
                last = closing;
                flushes = flushesWanted;
                taken = group;
                group.takeNarsAndRecords(open);
                toSeal = List.copyOf(lanes);
            } finally {
                lock.unlock();
            }
            toSeal.forEach(Lane::seal);
            lock.lock();
            try {
                group.takePacks(open);
            } finally {
                lock.unlock();
            }
            commit(group, flushes);
            if (last) {
                toSeal.forEach(Lane::free);
                return;
            }
        }
    }

    private void awaitDue() {
        while (!closing && flushesDone == flushesWanted && open.packBytes < GROUP_BYTES) {
            if (open.isEmpty()) {
                changed.awaitUninterruptibly();
                continue;
            }
            long left = open.since + MAX_AGE_NANOS - System.nanoTime();
            if (left <= 0) {
                return;
            }
            try {
                changed.awaitNanos(left);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Ends what waits for a committer that is no more. Finds nothing to do after an orderly end. */
    private void abandon() {
        List<CompletableFuture<Void>> lost = new ArrayList<>();
        StoreException failure;
        lock.lock();
        try {
            failure = lastFailure != null
                    ? lastFailure
                    : new StoreException(StoreException.Kind.FAILED, "the committer has ended");
            lastFailure = failure;
            closing = true;
            lost.addAll(taken.waiting);
            lost.addAll(open.waiting);
            if (flushesDone < flushesWanted) {
                epoch++;
                flushesDone = flushesWanted;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        lost.forEach(done -> done.completeExceptionally(failure));
    }

    private void commit(CommitGroup group, long flushes) {
        StoreException failure = null;
        try {
            if (!group.isEmpty()) {
                store.commit(group.entries());
            }
        } catch (StoreException e) {
            failure = e;
        } catch (RuntimeException e) {
            failure = new StoreException(StoreException.Kind.FAILED, "storing failed: " + e, e);
        }
        List<CompletableFuture<Void>> failed = new ArrayList<>();
        List<Digest> changedPaths = new ArrayList<>();
        lock.lock();
        try {
            if (failure != null) {
                epoch++;
                lastFailure = failure;
                failed.addAll(group.waiting);
                failed.addAll(open.waiting);
                open.nars.forEach(nar -> pendingNars.remove(nar.narHash(), nar));
                open.dropNarsAndRecords();
            }
            for (CommitGroup.NumberedPack pack : group.packs) {
                pack.pack().ids().forEach(pendingBlocks::remove);
            }
            group.nars.forEach(nar -> pendingNars.remove(nar.narHash(), nar));
            changedPaths.addAll(group.paths.keySet());
            group.paths.clear();
            waitingBytes -= group.packBytes;
            flushesDone = Math.max(flushesDone, flushes);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (failure == null) {
            pathListeners.forEach(listener -> tell(listener, changedPaths));
            group.waiting.forEach(done -> done.complete(null));
        } else {
            for (CompletableFuture<Void> done : failed) {
                done.completeExceptionally(failure);
            }
        }
    }

    private static void tell(Consumer<Digest> listener, List<Digest> paths) {
        try {
            paths.forEach(listener);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a listener of paths failed", e);
        }
    }

    /** Commits what is there and ends the committer. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (committer.isAlive()) {
            try {
                committer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
