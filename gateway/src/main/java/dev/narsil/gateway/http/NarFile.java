package dev.narsil.gateway.http;

import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/** A file that can be sent from any offset and never changes: a NAR, a compressed form of one, or a block of one. */
interface NarFile {

    /** The type of NARs in any form. */
    CharSequence NAR = HttpHeaders.createOptimized("application/x-nix-nar");

    /** What it is. */
    default CharSequence contentType() {
        return NAR;
    }

    /** Its length in bytes. */
    long size();

    /** The entity tag of its bytes. */
    EntityTag tag();

    /**
     * Opens bytes {@code from} to {@code from + length}; empty if it is not there any more. Waits until the first of them
     * are there.
     */
    Optional<NarBody> open(long from, long length) throws IOException, InterruptedException;

    /**
     * As {@link #open(long, long)}, for a client that may leave meanwhile.
     *
     * @param whenLost takes what ends the wait when the client has gone
     */
    default Optional<NarBody> open(long from, long length, Consumer<Runnable> whenLost)
            throws IOException, InterruptedException {
        return open(from, length);
    }

    /** Finds the file that a request names; runs on a thread that may wait but must not call native code. */
    interface Lookup {

        /** Returns the file; empty if there is none. */
        Optional<NarFile> find() throws IOException, InterruptedException;
    }
}
