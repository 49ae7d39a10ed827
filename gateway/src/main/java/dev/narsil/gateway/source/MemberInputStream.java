package dev.narsil.gateway.source;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the members of a compressed file hold, one after another. A member is what the format compresses in one go: a
 * stream, a frame. The end of the input is only an end where no member is begun. Empty members are passed over.
 */
final class MemberInputStream extends InputStream {

    private final InputStream in;
    private final Format format;
    private final long maxMembers;

    private @Nullable InputStream member;
    private long members;

    /** Makes decoders of single members. */
    interface Format {
        /**
         * Returns what the member holds that begins where {@code in} is. Its end is found by reading it, and leaves
         * {@code in} right behind it.
         */
        InputStream member(InputStream in) throws IOException;
    }

    private MemberInputStream(InputStream in, Format format, long maxMembers) {
        this.in = in;
        this.format = format;
        this.maxMembers = maxMembers;
    }

    /** A file of any number of members. {@code in} can be marked. */
    static InputStream several(InputStream in, Format format) {
        return new MemberInputStream(in, format, Long.MAX_VALUE);
    }

    /** A file of one member and nothing else. {@code in} can be marked. */
    static InputStream one(InputStream in, Format format) {
        return new MemberInputStream(in, format, 1);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int off, int len) throws IOException {
        Objects.checkFromIndexSize(off, len, target.length);
        if (len == 0) {
            return 0;
        }
        while (true) {
            InputStream current = member;
            if (current == null) {
                if (isAtEnd()) {
                    return -1;
                }
                if (members++ == maxMembers) {
                    throw new SourceException("something follows the end of the compressed data");
                }
                current = format.member(in);
                member = current;
            }
            int read = current.read(target, off, len);
            if (read >= 0) {
                return read;
            }
            member = null;
        }
    }

    private boolean isAtEnd() throws IOException {
        in.mark(1);
        boolean end = in.read() < 0;
        in.reset();
        return end;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** Reads {@code count} bytes, all of them. */
    static byte[] bytes(InputStream in, int count) throws IOException {
        byte[] bytes = in.readNBytes(count);
        if (bytes.length < count) {
            throw new EOFException("the compressed data ends early");
        }
        return bytes;
    }
}
