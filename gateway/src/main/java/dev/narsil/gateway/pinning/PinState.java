package dev.narsil.gateway.pinning;

import java.util.Locale;
import java.util.Optional;

/** What has become of a request for a pin, in the words of the API. */
public enum PinState {
    /** Nothing was begun, or it is to be tried again. */
    QUEUED,
    /** It is being fetched. */
    PINNING,
    /** All blocks are there and kept. */
    PINNED,
    /** It was given up. */
    FAILED;

    /** Returns the state with this name, as {@code queued}; empty if there is none. */
    public static Optional<PinState> of(String name) {
        for (PinState state : values()) {
            if (state.toString().equals(name)) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
