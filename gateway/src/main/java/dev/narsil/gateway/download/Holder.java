package dev.narsil.gateway.download;

import dev.narsil.gateway.narinfo.NarInfo;
import java.io.IOException;
import java.io.InputStream;

/** An upstream's file with a NAR, compressed or not. Safe for use by many threads. */
public interface Holder {

    /** What the upstream is called in messages; the same for all of its files. */
    String upstream();

    /** What the upstream says of the file, from a narinfo that is trusted. */
    NarInfo narInfo();

    /**
     * Opens the bytes of the file from an offset. Waits for the answer of the upstream, once, and no longer than is
     * allowed for that. A read of the stream fails when nothing comes for too long, and when another thread closes it.
     *
     * @throws IOException if they cannot be had from that offset
     */
    InputStream open(long from) throws IOException;
}
