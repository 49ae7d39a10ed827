package dev.narsil.gateway.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import org.tukaani.xz.LZMAInputStream;

/**
 * What one member of an lzip file holds, compared at its end with the CRC and the sizes behind it
 * (draft-diaz-lzip, section 2). Its input must not be read by anything else meanwhile.
 */
final class LzipMember extends InputStream {

    static final byte[] MAGIC = {'L', 'Z', 'I', 'P'};

    private static final int VERSION = 1;
    private static final int HEADER_BYTES = 6;
    private static final int TRAILER_BYTES = 20;

    /** lc=3, lp=0, pb=2: what the LZMA stream of every lzip file has. */
    private static final byte PROPERTIES = 93;

    private static final int MIN_DICTIONARY_LOG = 12;
    private static final int MAX_DICTIONARY_LOG = 29;

    private final CountedInput in;
    private final InputStream decoder;
    private final CRC32 crc = new CRC32();
    private long size;
    private boolean ended;

    /**
     * Begins a member at {@code in}.
     *
     * @throws SourceException if there is none, or it wants a larger dictionary
     */
    LzipMember(InputStream in, int maxDictionary) throws IOException {
        byte[] header = MemberInputStream.bytes(in, HEADER_BYTES);
        for (int i = 0; i < MAGIC.length; i++) {
            if (header[i] != MAGIC[i]) {
                throw new SourceException("not a member of an lzip file");
            }
        }
        if (header[4] != VERSION) {
            throw new SourceException("lzip version " + (header[4] & 0xff) + " is not known");
        }
        int dictionary = dictionary(header[5] & 0xff);
        if (dictionary > maxDictionary) {
            throw new SourceException(
                    "the lzip dictionary takes " + dictionary + " bytes of memory, at most " + maxDictionary + " may");
        }
        this.in = new CountedInput(in);
        decoder = new LZMAInputStream(this.in, -1, PROPERTIES, dictionary);
    }

    private static int dictionary(int code) throws SourceException {
        int log = code & 0x1f;
        if (log < MIN_DICTIONARY_LOG || log > MAX_DICTIONARY_LOG) {
            throw new SourceException("an lzip dictionary of 2^" + log + " bytes cannot be");
        }
        int base = 1 << log;
        return base - base / 16 * (code >> 5);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int off, int len) throws IOException {
        if (ended) {
            return -1;
        }
        int read = decoder.read(target, off, len);
        if (read < 0) {
            ended = true;
            checkTrailer();
        } else {
            crc.update(target, off, read);
            size += read;
        }
        return read;
    }

    private void checkTrailer() throws IOException {
        long memberSize = HEADER_BYTES + in.count + TRAILER_BYTES;
        ByteBuffer trailer =
                ByteBuffer.wrap(MemberInputStream.bytes(in, TRAILER_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
        require("CRC-32", Integer.toUnsignedLong(trailer.getInt()), crc.getValue());
        require("size", trailer.getLong(), size);
        require("compressed size", trailer.getLong(), memberSize);
    }

    private static void require(String what, long said, long found) throws SourceException {
        if (said != found) {
            throw new SourceException("an lzip member has the " + what + " " + found + " but says " + said);
        }
    }

    private static final class CountedInput extends FilterInputStream {

        private long count;

        CountedInput(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            count += read < 0 ? 0 : 1;
            return read;
        }

        @Override
        public int read(byte[] target, int off, int len) throws IOException {
            int read = super.read(target, off, len);
            count += Math.max(0, read);
            return read;
        }
    }
}
