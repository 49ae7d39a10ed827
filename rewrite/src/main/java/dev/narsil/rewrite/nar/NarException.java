package dev.narsil.rewrite.nar;

import java.io.IOException;

/** Says that bytes are not a NAR as Nix writes it, where, and why. */
public final class NarException extends IOException {

    private static final long serialVersionUID = 1L;

    private final long offset;
    private final String reason;

    public NarException(long offset, String reason) {
        super("bad NAR at offset " + offset + ": " + reason);
        this.offset = offset;
        this.reason = reason;
    }

    /** Offset in the NAR of the token that is wrong. */
    public long offset() {
        return offset;
    }

    /** What is wrong with it. */
    public String reason() {
        return reason;
    }
}
