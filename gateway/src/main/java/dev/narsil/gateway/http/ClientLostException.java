package dev.narsil.gateway.http;

import java.io.IOException;

/** Says that a response cannot go on because of its client. */
final class ClientLostException extends IOException {

    private static final long serialVersionUID = 1L;

    private final boolean stalled;

    private ClientLostException(boolean stalled, String message) {
        super(message);
        this.stalled = stalled;
    }

    static ClientLostException gone() {
        return new ClientLostException(false, "the connection is closed");
    }

    static ClientLostException stalled() {
        return new ClientLostException(true, "the client took nothing for too long");
    }

    /** Whether the client is there but takes nothing. */
    boolean isStalled() {
        return stalled;
    }
}
