package dev.narsil.blockstore;

import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Opens stored NARs for reading, as many at a time as there is memory for their recipes. Safe for use by many threads.
 *
 * <p>A NAR may be collected at any moment: one that is gone by the time its recipe is looked for is not stored.
 */
final class StoredNars {

    /** Memory of the recipes of all NARs being read; the largest that a NAR can have fits. */
    static final int OPEN_RECIPES_KIB = 112 << 10;

    private final BlockStore store;
    private final PackCache packs;
    private final Semaphore openRecipes = new Semaphore(OPEN_RECIPES_KIB);

    StoredNars(BlockStore store, PackCache packs) {
        this.store = store;
        this.packs = packs;
    }

    /** Returns what is known of a NAR; empty if it is not stored. */
    Optional<NarEntry> entry(Sha256 narHash) throws IOException {
        byte[] bytes = store.get(Table.NAR, narHash.bytes());
        return bytes == null ? Optional.empty() : Optional.of(NarEntry.decode(bytes));
    }

    /** Opens a whole NAR; empty if it is not stored. */
    Optional<NarReader> openNar(Sha256 narHash) throws IOException {
        Optional<NarEntry> entry = entry(narHash);
        return entry.isEmpty()
                ? Optional.empty()
                : reader(narHash, entry.get(), 0, entry.get().narSize());
    }

    /** Opens a range of a NAR as {@link NarStore#openRange} does. */
    Optional<NarReader> openRange(Sha256 narHash, long from, long length) throws IOException {
        Optional<NarEntry> entry = entry(narHash);
        if (entry.isEmpty()) {
            return Optional.empty();
        }
        StoredNar.requireInside(from, length, entry.get().narSize());
        return reader(narHash, entry.get(), from, length);
    }

    private Optional<NarReader> reader(Sha256 narHash, NarEntry entry, long from, long length) throws IOException {
        return open(narHash, entry).map(nar -> new NarReader(packs, nar, from, length, true, nar::close));
    }

    /** Opens a NAR to read its recipe and parts of it as {@link NarStore#openStored} does. */
    Optional<StoredNar> open(Sha256 narHash) throws IOException {
        Optional<NarEntry> entry = entry(narHash);
        return entry.isEmpty() ? Optional.empty() : open(narHash, entry.get());
    }

    private Optional<StoredNar> open(Sha256 narHash, NarEntry entry) throws IOException {
        byte[] bytes = store.get(Table.RECIPE, entry.recipe().bytes());
        if (bytes == null && entry(narHash).isEmpty()) {
            return Optional.empty();
        }
        if (bytes == null) {
            throw new StoreException(
                    StoreException.Kind.CORRUPT,
                    narHash + " cannot be served: its recipe " + entry.recipe() + " is missing");
        }
        Recipe recipe = Recipe.decode(bytes);
        if (!Sha256.hash(bytes).equals(entry.recipe())) {
            throw new FormatException(narHash + " cannot be served: its recipe has another id");
        }
        if (recipe.narSize() != entry.narSize()
                || recipe.slots() != entry.slots().size()) {
            throw new FormatException(narHash + " and its recipe do not fit together");
        }
        int permits = recipe.memoryKib();
        if (!openRecipes.tryAcquire(permits)) {
            throw new StoreException(
                    StoreException.Kind.BUSY, narHash + " cannot be read now: too many large NARs are being read");
        }
        return Optional.of(new StoredNar(packs, narHash, entry, recipe, () -> openRecipes.release(permits)));
    }
}
