package dev.narsil.gateway.ipfs.index;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.ipfs.DurableWrite;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The index that a store publishes, with its blocks. Calls native code. Safe for use by many threads. */
public final class OwnIndex {

    static final char KIND = 'G';
    static final int VERSION = 1;

    private static final byte[] ROOT_KEY = {'R'};
    private static final char BLOCK = 'B';

    /** Blocks written at a time. */
    private static final int BATCH = 16;

    private final NarStore store;

    /** That of this store. */
    public OwnIndex(NarStore store) {
        this.store = store;
    }

    /**
     * The newest root.
     *
     * @param block its block
     * @param pinned whether a daemon has been told to keep it
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Root(byte[] block, boolean pinned) {

        /** CID of the block. */
        public Cid cid() {
            return IndexRoot.cid(block);
        }

        byte[] encode() {
            return new RecordWriter(KIND, VERSION)
                    .varint(block.length)
                    .bytes(block)
                    .varint(pinned ? 1 : 0)
                    .finish();
        }

        static Root decode(byte[] bytes) throws FormatException {
            RecordReader reader = new RecordReader("own index", KIND, VERSION, bytes);
            byte[] block = reader.bytes(reader.varint(IndexRoot.MAX_BYTES));
            boolean pinned = reader.varint(1) == 1;
            reader.finish();
            return new Root(block, pinned);
        }
    }

    /** Returns the newest root; empty if no index was published. */
    public Optional<Root> root() throws IOException {
        byte[] record = store.record(Table.INDEX, ROOT_KEY);
        return record == null ? Optional.empty() : Optional.of(Root.decode(record));
    }

    /** Returns the block of a shard of the newest index; empty if it has none of this CID. */
    public Optional<byte[]> shard(Cid cid) throws IOException {
        Optional<Sha256> hash = cid.sha256();
        return hash.isEmpty() ? Optional.empty() : Optional.ofNullable(store.record(Table.INDEX, key(hash.get())));
    }

    /** Stores an index in place of the one before; returns when that is durable. */
    void put(Root root, IndexRoot index, Map<Cid, byte[]> shards) throws IOException {
        List<Entry> batch = new ArrayList<>();
        for (Map.Entry<Cid, byte[]> shard : shards.entrySet()) {
            batch.add(new Entry(Table.INDEX, key(shard.getKey()), shard.getValue()));
            if (batch.size() == BATCH) {
                DurableWrite.of(store, List.copyOf(batch));
                batch.clear();
            }
        }
        Set<Cid> kept = new HashSet<>();
        index.shards().values().forEach(shard -> kept.add(shard.cid()));
        Optional<Root> before = root();
        if (before.isPresent()) {
            for (IndexRoot.Shard gone :
                    IndexRoot.decode(before.get().block()).shards().values()) {
                if (!kept.contains(gone.cid())) {
                    batch.add(new Entry(Table.INDEX, key(gone.cid()), null));
                }
            }
        }
        batch.add(new Entry(Table.INDEX, ROOT_KEY, root.encode()));
        DurableWrite.of(store, List.copyOf(batch));
    }

    private static byte[] key(Cid cid) {
        return key(cid.sha256().orElseThrow());
    }

    private static byte[] key(Sha256 hash) {
        return ByteBuffer.allocate(1 + Sha256.BYTES)
                .put((byte) BLOCK)
                .put(hash.bytes())
                .array();
    }
}
