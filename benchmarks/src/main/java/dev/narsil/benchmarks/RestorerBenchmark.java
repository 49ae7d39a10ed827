package dev.narsil.benchmarks;

import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.strip.Restorer;
import dev.narsil.rewrite.strip.Stripper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The filling of holes, with the copy of each piece that serving makes too. */
public class RestorerBenchmark {

    private static final int PIECE = 64 << 10;

    /** NARs with a store path every 4 KiB, about what real packages have at most. */
    @State(Scope.Thread)
    public static class Sparse extends Stripped {
        @Setup
        public void load() throws IOException {
            strip(4096);
        }
    }

    /** NARs full of store paths. */
    @State(Scope.Thread)
    public static class Dense extends Stripped {
        @Setup
        public void load() throws IOException {
            strip(StripperBenchmark.DENSE);
        }
    }

    /** Stripped NARs with their tables. */
    public abstract static class Stripped {
        private final byte[] piece = new byte[PIECE];
        private final List<byte[]> nars = new ArrayList<>();
        private final List<Stripper> tables = new ArrayList<>();

        void strip(int distance) throws IOException {
            for (byte[] nar : NarData.load().nars()) {
                StorePathText.insert(nar, distance, StripperBenchmark.DIGESTS, 1);
                Stripper stripper = new Stripper(StoreDir.DEFAULT, (buffer, off, len) -> {});
                stripper.write(nar, 0, nar.length);
                stripper.finish();
                nars.add(nar);
                tables.add(stripper);
            }
        }
    }

    @Benchmark
    @Purpose(value = "copying NARs and filling a hole every 4 KiB", target = 5000)
    public byte restorer(Sparse data, Moved moved) {
        return restore(data, moved);
    }

    @Benchmark
    @Purpose("copying NARs and filling a hole every 200 bytes")
    public byte restorerManyHoles(Dense data, Moved moved) {
        return restore(data, moved);
    }

    private static byte restore(Stripped data, Moved moved) {
        for (int i = 0; i < data.nars.size(); i++) {
            byte[] nar = data.nars.get(i);
            Stripper tables = data.tables.get(i);
            Restorer restorer = new Restorer(tables.holes(), tables.slots());
            for (int at = 0; at < nar.length; at += PIECE) {
                int length = Math.min(PIECE, nar.length - at);
                System.arraycopy(nar, at, data.piece, 0, length);
                restorer.restore(data.piece, 0, length);
            }
            moved.bytes += nar.length;
        }
        return data.piece[0];
    }
}
