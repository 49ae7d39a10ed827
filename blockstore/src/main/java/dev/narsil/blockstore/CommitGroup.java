package dev.narsil.blockstore;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.pack.EncodedPack;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What becomes durable together. Guarded by the lock of {@link CommitQueue} while it is open. */
final class CommitGroup {

    /** Encoded bytes of packs that make a commit due. */
    static final long DUE_BYTES = 32L << 20;

    /** Age of the first thing in a group that makes a commit due, in nanoseconds. */
    static final long DUE_AGE_NANOS = TimeUnit.MILLISECONDS.toNanos(1000);

    final List<NumberedPack> packs = new ArrayList<>();
    final List<FinishedNar> nars = new ArrayList<>();
    /** Path infos and other records, in the order they came in. */
    final List<Entry> records = new ArrayList<>();

    /** NARs that the records note as unclaimed. */
    final Set<Sha256> kept = new HashSet<>();

    /** The paths among the records. */
    final Map<Digest, PublishedPath> paths = new HashMap<>();

    /** Who waits for the records. */
    final List<CompletableFuture<Void>> waiting = new ArrayList<>();

    /** Encoded bytes of the packs. */
    long packBytes;

    /** When the first thing came in, as {@link System#nanoTime()}. */
    long since;

    /** A pack and the number it is stored under. */
    record NumberedPack(long number, EncodedPack pack) {}

    /** A path and when it is durable. */
    record PublishedPath(PathInfo info, CompletableFuture<Void> durable) {}

    /** A NAR all of whose blocks were added, not yet durable; the recipe is null where it is stored already. */
    @SuppressWarnings("ArrayRecordComponent")
    record FinishedNar(Sha256 narHash, NarEntry entry, Sha256 recipeId, byte @Nullable [] recipe) {}

    boolean isEmpty() {
        return packs.isEmpty() && nars.isEmpty() && records.isEmpty();
    }

    /** Notes the time if nothing has come in yet. */
    private void touch() {
        if (isEmpty()) {
            since = System.nanoTime();
        }
    }

    /** Adds a pack and the number it is stored under. */
    void add(long number, EncodedPack pack) {
        touch();
        packs.add(new NumberedPack(number, pack));
        packBytes += pack.bytes().length;
    }

    void add(FinishedNar nar) {
        touch();
        nars.add(nar);
    }

    /** Adds records; what is returned completes when they are durable. */
    CompletableFuture<Void> add(List<Entry> more) {
        touch();
        records.addAll(more);
        CompletableFuture<Void> durable = new CompletableFuture<>();
        waiting.add(durable);
        return durable;
    }

    /** How long until the commit of what is here is due, in nanoseconds; 0 or less if it is. */
    long nanosUntilDue() {
        return packBytes >= DUE_BYTES ? 0 : since + DUE_AGE_NANOS - System.nanoTime();
    }

    void takeNarsAndRecords(CommitGroup open) {
        nars.addAll(open.nars);
        records.addAll(open.records);
        kept.addAll(open.kept);
        paths.putAll(open.paths);
        waiting.addAll(open.waiting);
        open.dropNarsAndRecords();
    }

    void dropNarsAndRecords() {
        nars.clear();
        records.clear();
        kept.clear();
        paths.clear();
        waiting.clear();
    }

    /** Drops what is of no use once the commit has ended: packs may be tens of megabytes. */
    void dropCommitted() {
        packs.clear();
        nars.clear();
        records.clear();
        paths.clear();
    }

    void takePacks(CommitGroup open) {
        packs.addAll(open.packs);
        packBytes = open.packBytes;
        open.packs.clear();
        open.packBytes = 0;
        open.since = System.nanoTime();
    }

    /** Returns the records to store: packs with the locations of their blocks, recipes, nar entries, other records. */
    List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        for (NumberedPack numbered : packs) {
            EncodedPack pack = numbered.pack();
            entries.add(new Entry(Table.PACK, PackCache.key(numbered.number()), pack.bytes()));
            int offset = 0;
            for (int i = 0; i < pack.ids().size(); i++) {
                BlockLocation location = new BlockLocation(numbered.number(), offset, pack.lengths()[i]);
                entries.add(new Entry(Table.BLOCK, pack.ids().get(i).bytes(), location.encode()));
                offset += pack.lengths()[i];
            }
        }
        Set<Sha256> recipes = new HashSet<>();
        for (FinishedNar nar : nars) {
            byte[] recipe = nar.recipe();
            if (recipe != null && recipes.add(nar.recipeId())) {
                entries.add(new Entry(Table.RECIPE, nar.recipeId().bytes(), recipe));
            }
            entries.add(new Entry(Table.NAR, nar.narHash().bytes(), nar.entry().encode()));
        }
        entries.addAll(records);
        return entries;
    }
}
