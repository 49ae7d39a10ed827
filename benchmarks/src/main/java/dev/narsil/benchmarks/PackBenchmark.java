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
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/** Hot packs of the blocks of NARs, coded and decoded in memory. */
@State(Scope.Thread)
public class PackBenchmark {

    private record Block(Sha256 id, byte[] nar, int off, int length) {}

    private final PackWriter writer = new PackWriter();
    private final List<Block> blocks = new ArrayList<>();
    private final List<byte[]> packs = new ArrayList<>();

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
        encode(pack -> packs.add(pack.bytes()));
    }

    @TearDown
    public void close() {
        writer.close();
    }

    @Benchmark
    @Purpose("zstd-3 compression of blocks into packs, in MB/s of raw bytes")
    public void packEncode(Moved moved, Blackhole sink) {
        moved.bytes += encode(sink::consume);
    }

    @Benchmark
    @Purpose("checking and decompressing packs, in MB/s of raw bytes")
    public void packDecode(Moved moved, Blackhole sink) throws FormatException {
        for (byte[] encoded : packs) {
            Pack pack = Pack.decode(encoded);
            moved.bytes += pack.raw().length;
            sink.consume(pack);
        }
    }

    /** Encodes all blocks and returns their length. */
    private long encode(Consumer<EncodedPack> packed) {
        long bytes = 0;
        for (Block block : blocks) {
            if (!writer.fits(block.length())) {
                packed.accept(writer.finish());
            }
            writer.add(block.id(), block.nar(), block.off(), block.length());
            bytes += block.length();
        }
        packed.accept(writer.finish());
        return bytes;
    }
}
