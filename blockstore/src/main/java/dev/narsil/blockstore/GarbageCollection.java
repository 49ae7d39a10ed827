package dev.narsil.blockstore;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One garbage collection of a store that is in use: NARs nobody claimed, then recipes without a NAR, blocks without a recipe, packs
 * without a block. Each is gone for good before what it refers to is, so an end at any moment leaves garbage at worst.
 *
 * <p>What is referred to is noted in a filter, which may hold others for noted: a little garbage then stays until the next
 * collection, whose filter errs elsewhere. What ingests and publications come to rely on meanwhile is noted by
 * {@link CollectionGuard}, and what they add lies in packs above those that are looked at.
 */
final class GarbageCollection {

    private static final int BATCH = 512;
    private static final String FREEING = "freeing space";

    private final BlockStore store;
    private final GroupCommit group;
    private final CollectionGuard guard;
    private final PagedScan scan;
    private final IdFilter kept;
    private final UnclaimedNars nars;

    /** Packs below {@link #firstNew} that have blocks which stay. */
    private final BitSet live = new BitSet();

    /** Packs below {@link #firstNew} that had blocks. */
    private final BitSet located = new BitSet();

    private long firstNew;
    private long recipes;
    private long blocks;
    private long blockBytes;
    private long packs;

    GarbageCollection(BlockStore store, GroupCommit group, GarbageOptions options, GarbageProgress progress)
            throws StoreException {
        this.store = store;
        this.group = group;
        this.guard = group.guard();
        this.scan = new PagedScan(store, group.queue(), progress);
        long ids = store.approximateCount(Table.BLOCK)
                + store.approximateCount(Table.RECIPE)
                + store.approximateCount(Table.NAR);
        this.kept = new IdFilter(ids, ThreadLocalRandom.current().nextLong());
        this.nars = new UnclaimedNars(store, guard, kept, options, scan);
    }

    GarbageReport run() throws IOException {
        long bytesBefore = bytesOnDisk();
        long left = guard.leftBytes();
        boolean finished = false;
        try {
            firstNew = Math.toIntExact(group.beginCollection(kept));
            nars.collect();
            collectRecipes();
            collectBlocks();
            finished = true;
        } finally {
            guard.end(finished ? left : 0);
        }
        collectPacks();
        scan.step(FREEING, 0, 1);
        store.reclaimPacks(live, () -> scan.step(FREEING, 0, 1));
        return new GarbageReport(
                nars.nars(),
                nars.narBytes(),
                recipes,
                blocks,
                blockBytes,
                packs,
                nars.newlyUnclaimed(),
                bytesBefore,
                bytesOnDisk());
    }

    private long bytesOnDisk() throws IOException {
        BlockStore.DiskUsage usage = store.diskUsage();
        return usage.packBytes() + usage.otherBytes();
    }

    /** Deletes recipes that were not noted, and notes the blocks of all others. */
    private void collectRecipes() throws IOException {
        List<Sha256> unnoted = new ArrayList<>();
        scan.scan(
                "recipes",
                Table.RECIPE,
                (key, value) -> {
                    if (kept.mayContain(key, 0)) {
                        Recipe.decode(value).noteBlocksIn(kept);
                    } else {
                        unnoted.add(Sha256.of(key));
                    }
                },
                () -> {
                    for (Sha256 id : guard.changeUnkept(kept, unnoted, this::deleteRecipes)) {
                        byte[] recipe = store.get(Table.RECIPE, id.bytes());
                        if (recipe != null) {
                            Recipe.decode(recipe).noteBlocksIn(kept);
                        }
                    }
                    unnoted.clear();
                });
    }

    private void deleteRecipes(List<Sha256> ids) throws StoreException {
        store.commit(deletions(Table.RECIPE, ids));
        recipes += ids.size();
    }

    /** Deletes blocks that were not noted, and finds the packs of all others. */
    private void collectBlocks() throws IOException {
        Map<Sha256, BlockLocation> unnoted = new LinkedHashMap<>();
        scan.scan(
                "blocks",
                Table.BLOCK,
                (key, value) -> {
                    BlockLocation location = BlockLocation.decode(value);
                    if (location.pack() >= firstNew) {
                        return;
                    }
                    located.set((int) location.pack());
                    if (kept.mayContain(key, 0)) {
                        live.set((int) location.pack());
                    } else {
                        unnoted.put(Sha256.of(key), location);
                    }
                },
                () -> {
                    guard.changeUnkept(kept, List.copyOf(unnoted.keySet()), dead -> {
                        store.commit(deletions(Table.BLOCK, dead));
                        blocks += dead.size();
                        for (Sha256 id : dead) {
                            blockBytes +=
                                    Objects.requireNonNull(unnoted.remove(id)).length();
                        }
                    });
                    unnoted.values().forEach(location -> live.set((int) location.pack()));
                    unnoted.clear();
                });
    }

    /** Deletes packs without a block. Some may have none for long: left by a commit that failed, or emptied by another's copy. */
    private void collectPacks() throws IOException {
        List<Entry> dead = new ArrayList<>();
        for (int pack = live.nextClearBit(0); pack < firstNew; pack = live.nextClearBit(pack + 1)) {
            byte[] key = PackCache.key(pack);
            if (located.get(pack) || store.get(Table.PACK, key) != null) {
                dead.add(new Entry(Table.PACK, key, null));
            }
            if (dead.size() == BATCH) {
                deletePacks(dead, pack);
            }
        }
        deletePacks(dead, firstNew);
    }

    private void deletePacks(List<Entry> dead, long done) throws StoreException {
        scan.step("packs", done, firstNew);
        if (!dead.isEmpty()) {
            store.commit(dead);
            packs += dead.size();
            dead.clear();
        }
    }

    private static List<Entry> deletions(Table table, List<Sha256> ids) {
        return ids.stream().map(id -> new Entry(table, id.bytes(), null)).toList();
    }
}
