package dev.narsil.benchmarks;

import dev.narsil.chunker.Chunker;
import dev.narsil.chunker.ChunkerParameters;
import java.io.IOException;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The gear cut rule over NARs in memory. */
@State(Scope.Thread)
public class ChunkerBenchmark {

    private final Chunker chunker = new Chunker(ChunkerParameters.DEFAULT);
    private List<byte[]> nars;

    @Setup
    public void load() throws IOException {
        nars = NarData.load().nars();
    }

    @Benchmark
    @Purpose(value = "finding the cut points of NARs", target = 2000)
    public int chunker(Moved moved) {
        int blocks = 0;
        for (byte[] nar : nars) {
            for (int at = 0; at < nar.length; blocks++) {
                at += chunker.cut(nar, at, nar.length - at);
            }
            moved.bytes += nar.length;
        }
        return blocks;
    }
}
