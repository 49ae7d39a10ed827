package dev.narsil.gateway.upload;

/**
 * What a client is told of its upload: an HTTP status and one line.
 *
 * <p>Clients up to Nix 2.32 repeat an upload without its body after a status that may pass, and then wait for ever
 * (protocol rule 14). So a status that says "later" is only for before the body; {@link #afterBody} says what takes its
 * place.
 *
 * @param status the HTTP status
 * @param text what a person reads, without a line end; empty where there is nothing to say
 */
public record Verdict(int status, String text) {

    /** It is stored for good, or was. */
    public static final Verdict STORED = new Verdict(200, "");

    private static final int MALFORMED = 400;
    private static final int CONFLICT = 409;
    private static final int TOO_LARGE = 413;
    private static final int NOT_POSSIBLE = 501;
    private static final int BUSY = 503;

    /** The upload is not what its name or the protocol says it is. */
    public static Verdict malformed(String text) {
        return new Verdict(MALFORMED, text);
    }

    /** Something else is stored under that name, and stays. */
    public static Verdict conflict(String text) {
        return new Verdict(CONFLICT, text);
    }

    /** It is longer than is taken. */
    public static Verdict tooLarge(String text) {
        return new Verdict(TOO_LARGE, text);
    }

    /** It cannot be stored here, whatever is wrong with the store. */
    public static Verdict notPossible(String text) {
        return new Verdict(NOT_POSSIBLE, text);
    }

    /** It may be taken later. Only for before the body. */
    public static Verdict busy(String text) {
        return new Verdict(BUSY, text);
    }

    /** Whether the upload is stored. */
    public boolean isStored() {
        return status == STORED.status();
    }

    /** Whether the client may try again later. */
    public boolean isBusy() {
        return status == BUSY;
    }

    /** Returns what is said instead once the client sends its body, or may do so. */
    public Verdict afterBody() {
        return isBusy() ? notPossible(text) : this;
    }
}
