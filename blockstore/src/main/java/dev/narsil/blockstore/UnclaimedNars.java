package dev.narsil.blockstore;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The part of a collection that is about NARs: deletes those nobody claimed, and notes what all others refer to. */
final class UnclaimedNars {

    /** Most NARs a collection deletes, and most aliases that go with them; the rest is the next one's. */
    static final int MAX_NARS = 1 << 17;

    private static final int BATCH = 512;

    private final BlockStore store;
    private final CollectionGuard guard;
    private final IdFilter kept;
    private final GarbageOptions options;
    private final PagedScan scan;

    /** NARs unclaimed for long, with the keys of their aliases. */
    private final Map<Sha256, List<byte[]>> doomed = new LinkedHashMap<>();

    private int aliases;
    private long nars;
    private long narBytes;
    private long newlyUnclaimed;

    UnclaimedNars(BlockStore store, CollectionGuard guard, IdFilter kept, GarbageOptions options, PagedScan scan) {
        this.store = store;
        this.guard = guard;
        this.kept = kept;
        this.options = options;
        this.scan = scan;
    }

    /** NARs deleted. */
    long nars() {
        return nars;
    }

    /** Bytes of the NARs deleted. */
    long narBytes() {
        return narBytes;
    }

    /** NARs noted as unclaimed. */
    long newlyUnclaimed() {
        return newlyUnclaimed;
    }

    /** Deletes NARs; afterwards the recipes of all that are left are noted. */
    void collect() throws IOException {
        findUnclaimed();
        notePaths();
        findAliases();
        deleteNars();
        noteRecipes();
    }

    private void findUnclaimed() throws IOException {
        scan.scan(
                "unclaimed NARs",
                Table.UNCLAIMED,
                (key, value) -> {
                    if (doomed.size() < MAX_NARS
                            && UnclaimedNar.decode(value).since().isBefore(options.unclaimedBefore())) {
                        doomed.put(Sha256.of(key), new ArrayList<>(1));
                    }
                },
                () -> {});
    }

    /** Notes the NARs of all paths. One of them was noted as unclaimed by somebody who came late: that goes. */
    private void notePaths() throws IOException {
        List<Entry> claimed = new ArrayList<>();
        scan.scan(
                "paths",
                Table.PATH,
                (key, value) -> {
                    Sha256 narHash = PathInfoCodec.decode(value).narHash();
                    kept.add(narHash);
                    if (doomed.remove(narHash) != null) {
                        claimed.add(new Entry(Table.UNCLAIMED, narHash.bytes(), null));
                    }
                },
                () -> {
                    if (!claimed.isEmpty()) {
                        store.commit(claimed);
                        claimed.clear();
                    }
                });
    }

    /** Finds the aliases of doomed NARs; those of NARs that are not there go. */
    private void findAliases() throws IOException {
        Map<Sha256, List<byte[]>> dangling = new LinkedHashMap<>();
        scan.scan(
                "aliases",
                Table.ALIAS,
                (key, value) -> {
                    Sha256 target = options.aliases().narHash(key, value);
                    if (target == null) {
                        return;
                    }
                    List<byte[]> keys = doomed.get(target);
                    if (keys != null) {
                        keys.add(key);
                        if (++aliases > MAX_NARS) {
                            aliases -= keys.size();
                            doomed.remove(target);
                        }
                    } else if (!kept.mayContain(target) && store.get(Table.NAR, target.bytes()) == null) {
                        dangling.computeIfAbsent(target, _ -> new ArrayList<>(1))
                                .add(key);
                    }
                },
                () -> {
                    deleteWithAliases(dangling);
                    dangling.clear();
                });
    }

    private void deleteNars() throws IOException {
        long total = doomed.size();
        long done = 0;
        Map<Sha256, List<byte[]>> batch = new LinkedHashMap<>();
        for (Map.Entry<Sha256, List<byte[]>> nar : doomed.entrySet()) {
            batch.put(nar.getKey(), nar.getValue());
            done++;
            if (batch.size() == BATCH || done == total) {
                scan.step("NARs", done, total);
                deleteWithAliases(batch);
                batch.clear();
            }
        }
        doomed.clear();
    }

    private void deleteWithAliases(Map<Sha256, List<byte[]>> batch) throws IOException {
        guard.changeUnkept(kept, List.copyOf(batch.keySet()), dead -> {
            List<Entry> entries = new ArrayList<>();
            for (Sha256 narHash : dead) {
                byte @Nullable [] stored = store.get(Table.NAR, narHash.bytes());
                if (stored != null) {
                    nars++;
                    narBytes += NarEntry.decode(stored).narSize();
                }
                entries.add(new Entry(Table.NAR, narHash.bytes(), null));
                entries.add(new Entry(Table.UNCLAIMED, narHash.bytes(), null));
                for (byte[] alias : batch.getOrDefault(narHash, List.of())) {
                    entries.add(new Entry(Table.ALIAS, alias, null));
                }
            }
            store.commit(entries);
        });
    }

    /** Notes the recipes of all NARs, and begins to count the time of those that have no path and are not known to have none. */
    private void noteRecipes() throws IOException {
        List<Sha256> pathless = new ArrayList<>();
        byte[] now = new UnclaimedNar(options.now()).encode();
        scan.scan(
                "NARs",
                Table.NAR,
                (key, value) -> {
                    kept.add(NarEntry.decode(value).recipe());
                    if (!kept.mayContain(key, 0) && store.get(Table.UNCLAIMED, key) == null) {
                        pathless.add(Sha256.of(key));
                    }
                },
                () -> {
                    guard.changeUnkept(kept, pathless, found -> {
                        newlyUnclaimed += found.size();
                        store.commit(found.stream()
                                .map(narHash -> new Entry(Table.UNCLAIMED, narHash.bytes(), now))
                                .toList());
                    });
                    pathless.clear();
                });
    }
}
