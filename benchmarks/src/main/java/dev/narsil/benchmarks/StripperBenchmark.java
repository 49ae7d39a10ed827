package dev.narsil.benchmarks;

import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.strip.Stripper;
import java.io.IOException;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** The search for store-path digests over NARs in memory. */
public class StripperBenchmark {

    /** Bytes from one store path to the next where there are many. */
    static final int DENSE = 200;

    /** Distinct digests where there are many store paths. */
    static final int DIGESTS = 100;

    private static final int PIECE = 64 << 10;

    /** NARs without a store path. */
    @State(Scope.Thread)
    public static class Bare {
        private List<byte[]> nars;

        @Setup
        public void load() throws IOException {
            nars = NarData.load().nars();
            nars.forEach(StorePathText::remove);
        }
    }

    /** NARs full of store paths. */
    @State(Scope.Thread)
    public static class Dense {
        private List<byte[]> nars;

        @Setup
        public void load() throws IOException {
            nars = NarData.load().nars();
            for (byte[] nar : nars) {
                StorePathText.insert(nar, DENSE, DIGESTS, 1);
            }
        }
    }

    @Benchmark
    @Purpose(value = "stripping NARs that have no store paths in them", target = 3000)
    public int stripperNoHoles(Bare data, Moved moved, Blackhole sink) throws IOException {
        return strip(data.nars, moved, sink);
    }

    @Benchmark
    @Purpose("stripping NARs with a store path every 200 bytes")
    public int stripperManyHoles(Dense data, Moved moved, Blackhole sink) throws IOException {
        return strip(data.nars, moved, sink);
    }

    private static int strip(List<byte[]> nars, Moved moved, Blackhole sink) throws IOException {
        int holes = 0;
        for (byte[] nar : nars) {
            Stripper stripper = new Stripper(StoreDir.DEFAULT, (buffer, off, len) -> sink.consume(buffer));
            for (int at = 0; at < nar.length; at += PIECE) {
                stripper.write(nar, at, Math.min(PIECE, nar.length - at));
            }
            stripper.finish();
            moved.bytes += nar.length;
            holes += stripper.holes().size();
        }
        return holes;
    }
}
