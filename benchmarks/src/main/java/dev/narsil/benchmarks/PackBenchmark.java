package dev.narsil.benchmarks;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.pack.EncodedPack;
import dev.narsil.blockstore.pack.Pack;
import dev.narsil.blockstore.pack.PackWriter;
import dev.narsil.chunker.Chunker;
import dev.narsil.chunker.ChunkerParameters;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Hot packs of the blocks of NARs, coded and decoded in memory. */
@State(Scope.Thread)
public class PackBenchmark {

    private record Block(Sha256 id, byte[] nar, int off, int length) {}

    private final PackWriter writer = new PackWriter();
    private final List<Block> blocks = new ArrayList<>();
    private final List<byte[]> packs = new ArrayList<>();
    private int nextBlock;
    private int nextPack;

    @Setup
    public void load() throws IOException {
        Chunker chunker = new Chunker(ChunkerParameters.DEFAULT);
        for (byte[] nar : NarData.load().nars()) {
            for (int at = 0; at < nar.length; ) {
                int length = chunker.cut(nar, at, nar.length - at);
                blocks.add(new Block(Sha256.hash(nar, at, length), nar, at, length));
                at += length;
            }
        }
        Moved unused = new Moved();
        do {
            packs.add(packEncode(unused).bytes());
        } while (unused.bytes < blocks.stream().mapToLong(Block::length).sum());
    }

    @TearDown
    public void close() {
        writer.close();
    }

    @Benchmark
    @Purpose("zstd-3 compression of blocks into packs, in MB/s of raw bytes")
    public EncodedPack packEncode(Moved moved) {
        while (true) {
            Block block = blocks.get(nextBlock);
            if (!writer.fits(block.length())) {
                return writer.finish();
            }
            writer.add(block.id(), block.nar(), block.off(), block.length());
            moved.bytes += block.length();
            nextBlock = (nextBlock + 1) % blocks.size();
        }
    }

    @Benchmark
    @Purpose("checking and decompressing packs, in MB/s of raw bytes")
    public Pack packDecode(Moved moved) throws FormatException {
        Pack pack = Pack.decode(packs.get(nextPack++ % packs.size()));
        moved.bytes += pack.raw().length;
        return pack;
    }
}
