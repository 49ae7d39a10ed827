package dev.narsil.blockstore.testing;

import dev.narsil.blockstore.BlockLocation;
import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarEntry;
import dev.narsil.blockstore.PathInfoCodec;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the values of a commit refer to, and whether it is stored or comes with them. */
public final class References {

    /** Reads the ids of the blocks of a recipe. */
    public interface BlocksOf {
        List<Sha256> blocks(byte[] recipe) throws IOException;
    }

    private final BlockStore store;
    private final List<Entry> entries;
    private final BlocksOf blocksOf;

    private References(BlockStore store, List<Entry> entries, BlocksOf blocksOf) {
        this.store = store;
        this.entries = entries;
        this.blocksOf = blocksOf;
    }

    /** Returns a sentence for everything that a commit of {@code entries} would leave without what it refers to. */
    public static List<String> missing(BlockStore store, List<Entry> entries, BlocksOf blocksOf) throws IOException {
        return new References(store, entries, blocksOf).missing();
    }

    private List<String> missing() throws IOException {
        List<String> missing = new ArrayList<>();
        for (Entry entry : entries) {
            byte[] entryValue = entry.value();
            if (entryValue == null) {
                continue;
            }
            switch (entry.table()) {
                case PATH -> {
                    Sha256 nar = PathInfoCodec.decode(entryValue).narHash();
                    require(Table.NAR, nar.bytes(), "the NAR of a path", missing);
                }
                case NAR -> {
                    Sha256 recipe = NarEntry.decode(entryValue).recipe();
                    byte[] value = require(Table.RECIPE, recipe.bytes(), "the recipe of a NAR", missing);
                    if (value != null) {
                        requireBlocks(value, missing);
                    }
                }
                case RECIPE -> requireBlocks(entryValue, missing);
                case BLOCK -> {
                    long pack = BlockLocation.decode(entryValue).pack();
                    byte[] key = ByteBuffer.allocate(Long.BYTES).putLong(pack).array();
                    require(Table.PACK, key, "pack " + pack + " of a block", missing);
                }
                case UNCLAIMED -> require(Table.NAR, entry.key(), "an unclaimed NAR", missing);
                case PACK,
                        ALIAS,
                        OBJECT,
                        TOKEN,
                        REMOTE,
                        PUBLISHED,
                        SHARED,
                        INDEX,
                        SUBSCRIPTION,
                        DONATION,
                        PIN_REQUEST,
                        REPLICA -> {}
            }
        }
        return missing;
    }

    private void requireBlocks(byte[] recipe, List<String> missing) throws IOException {
        for (Sha256 block : blocksOf.blocks(recipe)) {
            require(Table.BLOCK, block.bytes(), "block " + block.toHex() + " of a recipe", missing);
        }
    }

    private byte @Nullable [] require(Table table, byte[] key, String what, List<String> missing) throws IOException {
        for (Entry entry : entries) {
            if (entry.table() == table && java.util.Arrays.equals(entry.key(), key)) {
                return entry.value();
            }
        }
        byte[] stored = store.get(table, key);
        if (stored == null) {
            missing.add(what + " is missing");
        }
        return stored;
    }
}
