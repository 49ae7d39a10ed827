package dev.narsil.benchmarks;

import dev.narsil.rewrite.nar.NarException;
import dev.narsil.rewrite.nar.NarParser;
import dev.narsil.rewrite.nar.NarVisitor;
import java.io.IOException;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The NAR grammar over NARs in memory. */
@State(Scope.Thread)
public class NarParserBenchmark implements NarVisitor {

    private static final int PIECE = 64 << 10;

    private List<byte[]> nars;
    private int next;
    private long files;

    @Setup
    public void load() throws IOException {
        nars = NarData.load().nars();
    }

    @Override
    public void regular(byte[] name, boolean executable, long size, long contentsOffset) {
        files++;
    }

    @Benchmark
    @Purpose("parsing NARs of many and of few files")
    public long narParser(Moved moved) throws NarException {
        byte[] nar = nars.get(next++ % nars.size());
        NarParser parser = new NarParser(this);
        for (int at = 0; at < nar.length; at += PIECE) {
            parser.feed(nar, at, Math.min(PIECE, nar.length - at));
        }
        parser.finish();
        moved.bytes += nar.length;
        return files;
    }
}
