package dev.narsil.gateway.narinfo;

import java.io.IOException;

/** Says why a text is not a narinfo, and where. */
public final class NarInfoException extends IOException {

    private static final long serialVersionUID = 1L;

    private final int line;
    private final String reason;

    /**
     * Says so of one line, or of the whole text.
     *
     * @param line counted from 1; 0 when no line is to blame, but what is missing
     * @param reason a clause without a line end
     */
    public NarInfoException(int line, String reason) {
        super(line == 0 ? "bad narinfo: " + reason : "bad narinfo, line " + line + ": " + reason);
        this.line = line;
        this.reason = reason;
    }

    /** Returns the line, counted from 1, or 0 when no line is to blame. */
    public int line() {
        return line;
    }

    /** Returns the reason without the place. */
    public String reason() {
        return reason;
    }
}
