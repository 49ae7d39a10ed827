package dev.narsil.blockstore;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The bytes of one stored NAR, or of a range of one, in order. Not safe for use by several threads. */
public final class NarReader implements AutoCloseable {

    /** Number of bytes that {@link #next()} gives in all. */
    public long length() {
        return 0;
    }

    /** Returns the next bytes, or null after the last. The last bytes come only when all have been verified. */
    public @Nullable NarSlice next() throws IOException {
        return null;
    }

    @Override
    public void close() {}
}
