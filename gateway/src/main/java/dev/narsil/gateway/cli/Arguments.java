package dev.narsil.gateway.cli;

import org.jspecify.annotations.Nullable;

/** What picocli has filled in before a command runs. */
final class Arguments {

    private Arguments() {}

    /** Returns the value of a required parameter. */
    static <T> T required(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("a command runs without a parameter it requires");
        }
        return value;
    }
}
