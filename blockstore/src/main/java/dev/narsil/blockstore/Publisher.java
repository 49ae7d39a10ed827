package dev.narsil.blockstore;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.CommitGroup.PublishedPath;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Says of NARs that are there which paths have them, or that none has yet: adds path infos and marks to the open group.
 *
 * <p>Called by many threads. Has no state of its own: what it looks up and what it adds is one step of the
 * {@link CommitQueue}.
 */
final class Publisher {

    private final BlockStore store;
    private final CollectionGuard guard;
    private final CommitQueue queue;

    Publisher(BlockStore store, CollectionGuard guard, CommitQueue queue) {
        this.store = store;
        this.guard = guard;
        this.queue = queue;
    }

    /** Adds what {@code rule} makes of a path info, whose NAR must be there, and records that go with it. */
    CompletableFuture<Void> publish(PathInfo info, PathRule rule, List<Entry> records) throws IOException {
        Digest digest = info.path().digest();
        return queue.add((open, taken) -> {
            PublishedPath known = known(digest, open, taken);
            PathInfo wanted = rule.apply(known == null ? null : known.info(), info);
            if (known != null && wanted.equals(known.info()) && records.isEmpty()) {
                return known.durable();
            }
            Sha256 narHash = wanted.narHash();
            NarEntry nar = requireNar(narHash, wanted.path().toString());
            if (wanted.narSize() != nar.narSize()) {
                throw new NarMismatchException("the NarSize of " + wanted.path() + " is " + wanted.narSize()
                        + ", its NAR " + narHash + " has " + nar.narSize() + " bytes");
            }
            List<Entry> added = new ArrayList<>();
            added.add(new Entry(Table.PATH, digest.bytes(), PathInfoCodec.encode(wanted)));
            if (open.kept.contains(narHash)
                    || taken.kept.contains(narHash)
                    || store.get(Table.UNCLAIMED, narHash.bytes()) != null) {
                added.add(new Entry(Table.UNCLAIMED, narHash.bytes(), null));
            }
            added.addAll(records);
            CompletableFuture<Void> durable = open.add(added);
            open.paths.put(digest, new PublishedPath(wanted, durable));
            return durable;
        });
    }

    /** Returns what is stored of a path or about to be; null for nothing, and for a record that cannot be read. */
    private @Nullable PublishedPath known(Digest digest, CommitGroup open, CommitGroup taken) throws StoreException {
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
        return queue.add((open, _) -> {
            requireNar(narHash, "a NAR");
            return addUnclaimed(open, narHash, unclaimed, records);
        });
    }

    private static CompletableFuture<Void> addUnclaimed(
            CommitGroup open, Sha256 narHash, UnclaimedNar unclaimed, List<Entry> records) {
        List<Entry> added = new ArrayList<>();
        added.add(new Entry(Table.UNCLAIMED, narHash.bytes(), unclaimed.encode()));
        added.addAll(records);
        open.kept.add(narHash);
        return open.add(added);
    }

    private NarEntry requireNar(Sha256 narHash, String what) throws IOException {
        return guard.relyOn(narHash, () -> {
            NarEntry pending = queue.pendingNar(narHash);
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
        return queue.add((open, _) -> {
            // a collection that began after the first look may have taken it, one that begins now finds the new mark
            if (storedNar(narHash) == null) {
                return Optional.empty();
            }
            CompletableFuture<Void> durable =
                    old ? addUnclaimed(open, narHash, new UnclaimedNar(now), records) : open.add(records);
            return Optional.of(new RenewedNar(nar.narSize(), durable));
        });
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

    /** Adds records that say nothing of a path or NAR. */
    CompletableFuture<Void> write(List<Entry> records) throws IOException {
        return queue.add((open, _) -> open.add(records));
    }
}
