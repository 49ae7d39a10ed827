package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarReader;
import dev.narsil.blockstore.NarSlice;
import dev.narsil.gateway.download.DownloadReader;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The bytes of one response, in order: of a whole file or of a range of one. Not safe for use by several threads. */
interface NarBody extends AutoCloseable {

    /** Number of bytes that {@link #next()} gives in all. */
    long length();

    /**
     * Whether what came so far may wait for the bytes of {@link #next()}, to be sent with them: not if these wait for a
     * download, and not at the beginning of one, for which the client has waited already.
     */
    boolean ready();

    /**
     * Returns the next bytes, or null after the last. They are valid until the next call.
     *
     * @throws IOException if there are no more although some are missing; what was given out may then be wrong
     */
    @Nullable
    NarSlice next() throws IOException, InterruptedException;

    /** Ends a wait in {@link #next()} when the client has gone; by any thread. */
    default void giveUp() {}

    @Override
    void close();

    /** The bytes of a stored NAR. */
    static NarBody of(NarReader reader) {
        return new NarBody() {
            @Override
            public long length() {
                return reader.length();
            }

            @Override
            public boolean ready() {
                return true;
            }

            @Override
            public @Nullable NarSlice next() throws IOException {
                return reader.next();
            }

            @Override
            public void close() {
                reader.close();
            }
        };
    }

    /** Bytes that are in memory. */
    static NarBody of(NarSlice bytes) {
        return new NarBody() {
            private boolean given;

            @Override
            public long length() {
                return bytes.length();
            }

            @Override
            public boolean ready() {
                return true;
            }

            @Override
            public @Nullable NarSlice next() {
                boolean first = !given;
                given = true;
                return first ? bytes : null;
            }

            @Override
            public void close() {}
        };
    }

    /** The bytes of a NAR that is being downloaded. */
    static NarBody of(DownloadReader reader) {
        return new NarBody() {
            private boolean begun;
            private boolean goesOn;

            @Override
            public long length() {
                return reader.length();
            }

            @Override
            public boolean ready() {
                return goesOn && reader.ready();
            }

            @Override
            public @Nullable NarSlice next() throws IOException, InterruptedException {
                goesOn = begun;
                begun = true;
                return reader.next();
            }

            @Override
            public void giveUp() {
                reader.giveUp();
            }

            @Override
            public void close() {
                reader.close();
            }
        };
    }
}
