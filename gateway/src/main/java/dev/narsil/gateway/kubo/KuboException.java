package dev.narsil.gateway.kubo;

import java.io.IOException;
import java.util.Objects;

/** Says what a Kubo daemon did not do, in one line without secrets. */
public final class KuboException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Most characters of a text of the daemon that are told. */
    static final int MAX_TOLD = 500;

    /** Why it did not. */
    public enum Kind {
        /** There is no connection, or it broke. */
        UNREACHABLE,
        /** Neither an answer nor progress in the time there was; also if the daemon itself says so. */
        LATE,
        /** The daemon wants a secret, or another one. */
        REFUSED,
        /** The block is not stored there, or the CID not pinned there. */
        ABSENT,
        /** The daemon does not know the command. */
        UNKNOWN_COMMAND,
        /** The daemon tried and failed. */
        FAILED,
        /** The answer is not one of Kubo, or too long. */
        UNINTELLIGIBLE,
        /** The bytes of a block are not those of its CID. */
        WRONG_BYTES
    }

    private final Kind kind;

    KuboException(Kind kind, String message) {
        super(told(message));
        this.kind = kind;
    }

    KuboException(Kind kind, String message, Throwable cause) {
        super(told(message), cause);
        this.kind = kind;
    }

    /**
     * Returns what a daemon says of an error of {@code command}, as far as its words tell.
     *
     * @param what of our own goes before its words; may be empty
     */
    static KuboException failed(Command command, String what, String text) {
        Kind kind;
        if (text.contains("block was not found locally")
                || text.contains("not pinned")
                || text.contains("could not find")) {
            kind = Kind.ABSENT;
        } else if (text.contains("context deadline exceeded")) {
            kind = Kind.LATE;
        } else {
            kind = Kind.FAILED;
        }
        return new KuboException(kind, command + ": " + what + text);
    }

    /** Why it did not. */
    public Kind kind() {
        return kind;
    }

    /** Tells whether it has these words; the API has no codes to tell errors of one kind apart. */
    boolean says(String words) {
        return getMessage().contains(words);
    }

    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    private static String told(String text) {
        String line = text.strip().replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= MAX_TOLD ? line : line.substring(0, MAX_TOLD) + "...";
    }
}
