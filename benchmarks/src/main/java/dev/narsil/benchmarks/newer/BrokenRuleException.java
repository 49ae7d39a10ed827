package dev.narsil.benchmarks.newer;

import java.io.Serial;

/** A cache did what it must not. */
final class BrokenRuleException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1;

    BrokenRuleException(String message) {
        super(message);
    }

    /** Insists on a rule. */
    static void unless(boolean kept, String message) {
        if (!kept) {
            throw new BrokenRuleException(message);
        }
    }
}
