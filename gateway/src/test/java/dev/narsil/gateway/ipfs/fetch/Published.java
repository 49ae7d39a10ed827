package dev.narsil.gateway.ipfs.fetch;

import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.StoredNar;
import dev.narsil.blockstore.ipfs.NarDag;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A NAR as the blocks that a store makes of it. */
record Published(Cid root, Map<Cid, byte[]> blocks) {

    /** Has a store of its own in {@code directory} make them. */
    static Published of(byte[] nar, Path directory) throws IOException {
        Sha256 hash = Sha256.hash(nar);
        try (NarStore store = new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES)) {
            try (NarIngest ingest = store.ingest(hash, nar.length)) {
                ingest.write(nar, 0, nar.length);
                ingest.finish();
            }
            store.flush();
            Map<Cid, byte[]> blocks = new HashMap<>();
            try (StoredNar stored = store.openStored(hash).orElseThrow()) {
                NarDag dag = NarDag.of(stored);
                dag.visit(stored, new NarDag.Visitor() {
                    @Override
                    public boolean wants(Cid cid) {
                        return true;
                    }

                    @Override
                    public void block(Cid cid, byte[] buffer, int off, int length) {
                        blocks.put(cid, Arrays.copyOfRange(buffer, off, off + length));
                    }
                });
                return new Published(dag.root(), blocks);
            }
        }
    }
}
