package dev.narsil.benchmarks;

import dev.narsil.rewrite.nar.NarException;
import dev.narsil.rewrite.nar.NarParser;
import dev.narsil.rewrite.nar.NarVisitor;
import dev.narsil.rewrite.nar.NarWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The NAR grammar over NARs in memory. File contents are stepped over, so only small files take time. */
@State(Scope.Thread)
public class NarParserBenchmark implements NarVisitor {

    private static final int PIECE = 64 << 10;
    private static final int FILE_BYTES = 512;

    private List<byte[]> nars;
    private long files;

    /** Cuts the NARs that are measured into files of {@link #FILE_BYTES}. */
    @Setup
    public void load() throws IOException {
        nars = new ArrayList<>();
        for (byte[] contents : NarData.load().nars()) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            NarWriter writer = new NarWriter(bytes);
            writer.startDirectory();
            for (int at = 0; at < contents.length; at += FILE_BYTES) {
                writer.entry(String.format(Locale.ROOT, "file-%09d.txt", at).getBytes(StandardCharsets.US_ASCII));
                int length = Math.min(FILE_BYTES, contents.length - at);
                writer.startRegular(false, length);
                writer.contents(contents, at, length);
                writer.endRegular();
            }
            writer.endDirectory();
            writer.finish();
            nars.add(bytes.toByteArray());
        }
    }

    @Override
    public void regular(byte[] name, boolean executable, long size, long contentsOffset) {
        files++;
    }

    @Benchmark
    @Purpose("parsing NARs of files of 512 bytes (larger files cost next to nothing)")
    public long narParser(Moved moved) throws NarException {
        for (byte[] nar : nars) {
            NarParser parser = new NarParser(this);
            for (int at = 0; at < nar.length; at += PIECE) {
                parser.feed(nar, at, Math.min(PIECE, nar.length - at));
            }
            parser.finish();
            moved.bytes += nar.length;
        }
        return files;
    }
}
