package dev.narsil.benchmarks;

import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A real store in a new directory under {@code java.io.tmpdir}, deleted when closed. */
final class TemporaryStore implements AutoCloseable {

    private static final int PIECE = 64 << 10;

    private final Path directory;
    private final NarStore store;

    TemporaryStore(StoreOptions options) throws IOException {
        directory = Files.createTempDirectory("narsil-bench-");
        store = new NarStore(RocksBlockStore.open(directory, options), options.packCacheBytes());
    }

    NarStore store() {
        return store;
    }

    /** Takes in a NAR; it is durable after a flush. */
    Sha256 ingest(Sha256 narHash, byte[] nar) throws IOException {
        try (NarIngest ingest = store.ingest(narHash, nar.length)) {
            for (int at = 0; at < nar.length; at += PIECE) {
                ingest.write(nar, at, Math.min(PIECE, nar.length - at));
            }
            return ingest.finish().narHash();
        }
    }

    @Override
    public void close() throws IOException {
        store.close();
        delete(directory);
    }

    /** Deletes a directory and all in it. */
    static void delete(Path directory) throws IOException {
        List<Path> all;
        try (Stream<Path> walk = Files.walk(directory)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.delete(path);
        }
    }
}
