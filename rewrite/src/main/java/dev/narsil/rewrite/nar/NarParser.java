package dev.narsil.rewrite.nar;

/** A strict push parser of NARs. */
public final class NarParser {

    private final NarVisitor visitor;

    public NarParser(NarVisitor visitor) {
        this.visitor = visitor;
    }

    public void feed(byte[] data, int off, int len) throws NarException {
        visitor.endDirectory();
    }

    public long contentsRemaining() {
        return 0;
    }

    public void skipContents(long bytes) {}

    public long offset() {
        return 0;
    }

    public void finish() throws NarException {}
}
