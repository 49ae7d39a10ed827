package dev.narsil.gateway.replicas;

import java.io.IOException;

/** Says what a donor did not do, in one line without secrets. */
final class DonorException extends IOException {

    private static final long serialVersionUID = 1L;

    private static final int MAX_TOLD = 300;

    /** Why it did not. */
    enum Kind {
        /** There is no connection, it broke, no answer came, or it is overloaded; trying again was of no use. */
        AWAY,
        /** It does not take the secret. */
        REFUSED,
        /** It keeps nothing more. */
        FULL,
        /** It does not want this one. */
        UNWILLING,
        /** What it answers is none. */
        UNINTELLIGIBLE
    }

    private final Kind kind;

    DonorException(Kind kind, String message) {
        super(told(message));
        this.kind = kind;
    }

    DonorException(Kind kind, String message, Throwable cause) {
        super(told(message), cause);
        this.kind = kind;
    }

    Kind kind() {
        return kind;
    }

    private static String told(String text) {
        String line = text.strip().replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= MAX_TOLD ? line : line.substring(0, MAX_TOLD) + "...";
    }
}
