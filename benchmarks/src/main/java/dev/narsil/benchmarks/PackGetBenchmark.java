package dev.narsil.benchmarks;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/** Packs read out of RocksDB, in random order, the files being in the page cache. */
@State(Scope.Benchmark)
public class PackGetBenchmark {

    private static final long SEED = 4;

    private final Random random = new Random(SEED);
    private TemporaryStore temporary;
    private BlockStore blocks;
    private int packs;

    @Setup(Level.Trial)
    public void fill() throws IOException {
        temporary = new TemporaryStore(StoreOptions.DEFAULT);
        for (byte[] nar : NarData.load().nars()) {
            temporary.ingest(Sha256.hash(nar), nar);
        }
        temporary.store().flush();
        blocks = temporary.store().blockStore();
        packs = Math.toIntExact(blocks.nextPack());
    }

    @TearDown(Level.Trial)
    public void delete() throws IOException {
        temporary.close();
    }

    @Benchmark
    @Purpose("reading packs out of RocksDB at random, warm page cache, in MB/s of stored bytes")
    public void rocksdbPackGet(Moved moved, Blackhole sink) throws IOException {
        for (int i = 0; i < packs; i++) {
            byte[] key = ByteBuffer.allocate(Long.BYTES)
                    .putLong(random.nextInt(packs))
                    .array();
            byte[] pack = Objects.requireNonNull(blocks.get(Table.PACK, key));
            moved.bytes += pack.length;
            sink.consume(pack);
        }
    }
}
