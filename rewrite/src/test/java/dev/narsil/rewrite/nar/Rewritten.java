package dev.narsil.rewrite.nar;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Writes a NAR anew from the events of its parser; a NAR the parser accepts comes out as it went in. */
final class Rewritten implements NarVisitor {

    private final byte[] nar;
    private final NarWriter writer;
    private int openDirectories;

    private Rewritten(byte[] nar, NarWriter writer) {
        this.nar = nar;
        this.writer = writer;
    }

    static byte[] of(byte[] nar) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            NarWriter writer = new NarWriter(out);
            NarParser parser = new NarParser(new Rewritten(nar, writer));
            parser.feed(nar, 0, nar.length);
            parser.finish();
            writer.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private interface Action {
        void run() throws IOException;
    }

    private void node(byte[] name, Action action) {
        write(() -> {
            if (openDirectories > 0) {
                writer.entry(name);
            }
            action.run();
        });
    }

    private static void write(Action action) {
        try {
            action.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void directory(byte[] name) {
        node(name, writer::startDirectory);
        openDirectories++;
    }

    @Override
    public void endDirectory() {
        openDirectories--;
        write(writer::endDirectory);
    }

    @Override
    public void regular(byte[] name, boolean executable, long size, long contentsOffset) {
        node(name, () -> {
            writer.startRegular(executable, size);
            // a size beyond the array is a NAR that ends too early, which the parser will say
            int present = (int) Math.min(size, nar.length - contentsOffset);
            writer.contents(nar, (int) contentsOffset, present);
            if (present == size) {
                writer.endRegular();
            }
        });
    }

    @Override
    public void symlink(byte[] name, byte[] target) {
        node(name, () -> writer.symlink(target));
    }
}
