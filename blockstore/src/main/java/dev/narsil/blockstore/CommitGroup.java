package dev.narsil.blockstore;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.pack.EncodedPack;
import dev.narsil.rewrite.hash.Sha256;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What becomes durable together. Guarded by the lock of {@link GroupCommit} while it is open. */
final class CommitGroup {

    final List<NumberedPack> packs = new ArrayList<>();
    final List<FinishedNar> nars = new ArrayList<>();
    final List<Entry> paths = new ArrayList<>();
    final List<CompletableFuture<Void>> published = new ArrayList<>();

    /** Encoded bytes of the packs. */
    long packBytes;

    /** When the first thing came in, as {@link System#nanoTime()}. */
    long since;

    /** A pack and the number it is stored under. */
    record NumberedPack(long number, EncodedPack pack) {}

    /** A NAR all of whose blocks were added, not yet durable; the recipe is null where it is stored already. */
    @SuppressWarnings("ArrayRecordComponent")
    record FinishedNar(Sha256 narHash, NarEntry entry, Sha256 recipeId, byte @Nullable [] recipe) {}

    boolean isEmpty() {
        return packs.isEmpty() && nars.isEmpty() && paths.isEmpty();
    }

    /** Notes the time if nothing has come in yet. */
    void touch() {
        if (isEmpty()) {
            since = System.nanoTime();
        }
    }

    void takeNarsAndPaths(CommitGroup open) {
        nars.addAll(open.nars);
        paths.addAll(open.paths);
        published.addAll(open.published);
        open.dropNarsAndPaths();
    }

    void dropNarsAndPaths() {
        nars.clear();
        paths.clear();
        published.clear();
    }

    void takePacks(CommitGroup open) {
        packs.addAll(open.packs);
        packBytes = open.packBytes;
        open.packs.clear();
        open.packBytes = 0;
        open.since = System.nanoTime();
    }

    /** Returns the records to store: packs with the locations of their blocks, recipes, nar entries, path infos. */
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
        entries.addAll(paths);
        return entries;
    }
}
