package dev.narsil.benchmarks;

import dev.narsil.blockstore.StoreOptions;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * NARs taken into a real store by one thread: stripped, cut, compressed, restored and compared with their hash. What the store
 * commits meanwhile in its own thread counts only as far as it slows that one down.
 */
public class IngestBenchmark {

    /** Bytes between two changes: less than the least block, so that none stays as it was. */
    private static final int SPOIL = 4096;

    /** Bytes from one store path to the next in NARs that are rebuilt. */
    static final int PATH_DISTANCE = 16 << 10;

    /** NARs of which no block is known. */
    @State(Scope.Thread)
    public static class Unknown extends Incoming {
        @Setup(Level.Invocation)
        public void change() throws IOException {
            pass++;
            for (byte[] nar : nars) {
                StorePathText.spoil(nar, SPOIL, pass);
            }
            hash();
        }
    }

    /** NARs of which all blocks are known, as of a rebuild that changes nothing but hashes. */
    @State(Scope.Thread)
    public static class Known extends Incoming {
        @Setup(Level.Trial)
        public void first() throws IOException {
            for (byte[] each : nars) {
                StorePathText.insert(each, PATH_DISTANCE, StripperBenchmark.DIGESTS, 0);
                temporary.ingest(Sha256.hash(each), each);
            }
            temporary.store().flush();
        }

        @Setup(Level.Invocation)
        public void change() throws IOException {
            pass++;
            for (byte[] nar : nars) {
                StorePathText.insert(nar, PATH_DISTANCE, StripperBenchmark.DIGESTS, pass);
            }
            hash();
        }
    }

    /** A store and the NARs that come next. */
    public abstract static class Incoming {
        TemporaryStore temporary;
        List<byte[]> nars;
        long pass;
        private List<Sha256> narHashes;

        @Setup(Level.Trial)
        public void open() throws IOException {
            temporary = new TemporaryStore(StoreOptions.DEFAULT);
            nars = NarData.load().nars();
        }

        void hash() {
            narHashes = nars.stream().map(Sha256::hash).toList();
        }

        @TearDown(Level.Iteration)
        public void flush() throws IOException {
            temporary.store().flush();
        }

        @TearDown(Level.Trial)
        public void delete() throws IOException {
            temporary.close();
        }
    }

    @Benchmark
    @Purpose(value = "taking in NARs of which no block is known", target = 150)
    public void ingestUnknown(Unknown incoming, Moved moved) throws IOException {
        ingest(incoming, moved);
    }

    @Benchmark
    @Purpose(value = "taking in NARs of which all blocks are known, under new hashes", target = 500)
    public void ingestKnown(Known incoming, Moved moved) throws IOException {
        ingest(incoming, moved);
    }

    private static void ingest(Incoming incoming, Moved moved) throws IOException {
        for (int i = 0; i < incoming.nars.size(); i++) {
            byte[] nar = incoming.nars.get(i);
            incoming.temporary.ingest(incoming.narHashes.get(i), nar);
            moved.bytes += nar.length;
        }
    }
}
