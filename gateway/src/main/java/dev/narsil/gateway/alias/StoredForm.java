package dev.narsil.gateway.alias;

import dev.narsil.gateway.source.Compression;
import java.util.Objects;

/**
 * A form that holds the NAR as it is, in chunks between framing, so that it costs no computation and any part of it is
 * found without the parts before. {@link dev.narsil.gateway.alias} specifies each.
 *
 * <p>A file is a head, chunks and a tail. A chunk is a header and at most {@link #chunkSize()} bytes of the NAR; only the
 * last is shorter. Sizes are in bytes; a NAR has at least one and at most {@link #MAX_NAR_SIZE}.
 */
public enum StoredForm implements AliasForm {
    NONE(Compression.NONE, Long.MAX_VALUE / 2, new NoFraming()),
    XZ(Compression.XZ, 1 << 16, new XzFraming()),
    ZSTD(Compression.ZSTD, 1 << 17, new ZstdFraming()),
    GZIP(Compression.GZIP, (1 << 16) - 1, new GzipFraming()),
    LZ4(Compression.LZ4, 1 << 16, new Lz4Framing()),
    BR(Compression.BR, 1 << 16, new BrotliFraming());

    /** Largest NAR that has a form: far more than any disk holds, and small enough for all sums. */
    public static final long MAX_NAR_SIZE = 1L << 56;

    private static final int VERSION = 1;

    private final Compression compression;
    private final long chunkSize;

    @SuppressWarnings("ImmutableEnumChecker") // framings have no state
    private final Framing framing;

    StoredForm(Compression compression, long chunkSize, Framing framing) {
        this.compression = compression;
        this.chunkSize = chunkSize;
        this.framing = framing;
    }

    @Override
    public Compression compression() {
        return compression;
    }

    @Override
    public int version() {
        return VERSION;
    }

    /** Most bytes of the NAR between two pieces of framing. */
    public long chunkSize() {
        return chunkSize;
    }

    /** Returns the length of the file of a NAR of this size. */
    public long length(long narSize) {
        return new StoredFile(framing, chunkSize, narSize, 0).length();
    }

    /**
     * Returns bytes {@code from} to {@code from + length} of the file of a NAR.
     *
     * @param crc32 CRC-32 of the NAR, which gzip ends with; of no meaning to the others
     * @throws IndexOutOfBoundsException if the range is not inside the file
     */
    public Segments segments(long narSize, int crc32, long from, long length) {
        StoredFile file = new StoredFile(framing, chunkSize, narSize, crc32);
        Objects.checkFromIndexSize(from, length, file.length());
        return new Segments(file, from, length);
    }

    static void requireSize(long narSize) {
        if (narSize <= 0 || narSize > MAX_NAR_SIZE) {
            throw new IllegalArgumentException("NarSize " + narSize + " is not within 1 and " + MAX_NAR_SIZE);
        }
    }
}
