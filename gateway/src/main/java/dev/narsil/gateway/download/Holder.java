package dev.narsil.gateway.download;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.FileChangedException;
import dev.narsil.gateway.source.FileVersion;
import dev.narsil.gateway.source.OpenFile;
import java.io.IOException;
import java.time.Duration;

/** An upstream's file with a NAR, compressed or not. Safe for use by many threads. */
public interface Holder {

    /** What the upstream is called in messages; the same for all of its files. */
    String upstream();

    /** What wrong bytes are held against: the upstream, unless it has several files said to be the same NAR. */
    default String suspect() {
        return upstream();
    }

    /** What kind of upstream it is. */
    default NarOrigin origin() {
        return NarOrigin.HTTP;
    }

    /** What the upstream says of the file, from a narinfo that is trusted. */
    NarInfo narInfo();

    /** How long to wait for its first byte before another is asked as well. */
    Duration hedge();

    /**
     * Opens the bytes of the file from an offset, or from its first byte if they cannot be had from there. Waits for the
     * answer of the upstream, once, and no longer than is allowed for that. A read of the stream fails when nothing comes
     * for too long, and when another thread closes it.
     *
     * @param expected the state of the file that the bytes are to be of
     * @throws FileChangedException if it is in another state now
     * @throws IOException if they cannot be had
     */
    OpenFile open(long from, FileVersion expected) throws IOException;
}
