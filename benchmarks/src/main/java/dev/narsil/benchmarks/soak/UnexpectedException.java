package dev.narsil.benchmarks.soak;

/** A server did what it must not do: the message says what was asked, what came, and what should have come. */
final class UnexpectedException extends Exception {

    private static final long serialVersionUID = 1;

    UnexpectedException(String message) {
        super(message);
    }
}
