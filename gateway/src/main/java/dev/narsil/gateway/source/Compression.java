package dev.narsil.gateway.source;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.google.errorprone.annotations.MustBeClosed;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.tukaani.xz.ArrayCache;
import org.tukaani.xz.BasicArrayCache;
import org.tukaani.xz.LZMAInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * How the file of a NAR is compressed, by its name in a narinfo: what Nix can write with {@code ?compression=}.
 *
 * <p>All but br and lzma, which know no such thing, take several streams, frames or members one after another, as
 * parallel compressors write them. A file that is cut off, or has something else behind it, is an error. The check sums
 * inside xz files are not computed: what comes out is compared with the NarHash, which covers every byte. Each decoder
 * takes bounded memory; how much comes out of a file is for the caller to bound.
 */
public enum Compression {
    NONE {
        @Override
        InputStream decoder(InputStream in, DecoderBounds bounds) {
            return in;
        }
    },
    XZ {
        @Override
        InputStream decoder(InputStream in, DecoderBounds bounds) throws IOException {
            return new XZInputStream(in, bounds.lzmaKib(), false, DICTIONARIES);
        }
    },
    ZSTD {
        @Override
        InputStream decoder(InputStream in, DecoderBounds bounds) throws IOException {
            return new ZstdInputStreamNoFinalizer(in).setLongMax(bounds.zstdWindowLog());
        }
    },
    GZIP {
        @Override
        InputStream decoder(InputStream in, DecoderBounds bounds) throws IOException {
            InputBound bound = new InputBound(in, GZIP_MAX_GAP);
            return bound.of(GzipCompressorInputStream.builder()
                    .setInputStream(bound)
                    .setDecompressConcatenated(true)
                    .get());
        }
    },
    BZIP2 {
        @Override
        InputStream decoder(InputStream in, DecoderBounds bounds) throws IOException {
            return new BZip2CompressorInputStream(in, true);
        }
    },
    BR {
        @Override
        InputStream decoder(InputStream in, DecoderBounds bounds) {
            return MemberInputStream.one(in, BrotliStream::new);
        }
    },
    LZ4 {
        @Override
        InputStream decoder(InputStream in, DecoderBounds bounds) {
            return MemberInputStream.several(in, Lz4Frame::at);
        }
    },
    LZIP {
        @Override
        InputStream decoder(InputStream in, DecoderBounds bounds) {
            return MemberInputStream.several(in, member -> new LzipMember(member, bounds.lzipDictionary()));
        }
    },
    LZMA {
        @Override
        InputStream decoder(InputStream in, DecoderBounds bounds) {
            return MemberInputStream.one(in, member -> new LZMAInputStream(member, bounds.lzmaKib(), DICTIONARIES));
        }
    };

    /** Bytes at the start of a file that {@link #detect} may want to see. */
    public static final int MAGIC_BYTES = 21;

    /** Most compressed bytes of gzip without any that come out, which bounds the names in a header. */
    static final int GZIP_MAX_GAP = 1 << 20;

    private static final int BUFFER_BYTES = 64 << 10;

    /**
     * Of decoders that have ended: to allocate 8 MiB takes longer than to decode the first bytes. They are beside the
     * memory that decoders are given, held softly, so that they go before it runs out.
     */
    private static final ArrayCache DICTIONARIES = BasicArrayCache.getInstance();

    /** The string that every NAR begins with, as it stands in one. */
    private static final byte[] NAR_MAGIC = "\r\0\0\0\0\0\0\0nix-archive-1".getBytes(StandardCharsets.ISO_8859_1);

    private static final byte[] SKIPPABLE_MAGIC = {0x2a, 0x4d, 0x18};

    /** Length of the header of lzma files: properties, dictionary size, size of what comes out. */
    private static final int LZMA_HEADER_BYTES = 13;

    /** Largest size in an lzma header that is believed, as a power of two; {@code xz} does it so too. */
    private static final int LZMA_SIZE_LOG = 38;

    /**
     * Returns the compression a narinfo names.
     *
     * @throws SourceException if it is none that is known here
     */
    public static Compression of(String name) throws SourceException {
        return Arrays.stream(values())
                .filter(compression -> compression.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new SourceException(
                        "unsupported compression '" + name + "'; supported are " + Arrays.toString(values())));
    }

    /**
     * Returns how a file is compressed that begins with these bytes, by its magic number; {@link #NONE} if it begins as
     * a NAR. Brotli has no magic number. It is detected from {@link #MAGIC_BYTES} bytes, or from all there are.
     *
     * @param length how many bytes of {@code first} are the file's
     */
    public static Optional<Compression> detect(byte[] first, int length) {
        byte[] head = Arrays.copyOf(first, Math.min(length, MAGIC_BYTES));
        return Arrays.stream(values())
                .filter(compression -> compression.begins(head))
                .findFirst();
    }

    private boolean begins(byte[] head) {
        return switch (this) {
            case NONE -> hasAt(head, 0, NAR_MAGIC);
            case XZ -> hasAt(head, 0, new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0});
            case ZSTD ->
                hasAt(head, 0, new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd})
                        || (hasAt(head, 1, SKIPPABLE_MAGIC) && (head[0] & 0xf0) == 0x50);
            case GZIP -> hasAt(head, 0, new byte[] {0x1f, (byte) 0x8b});
            case BZIP2 -> hasAt(head, 0, new byte[] {'B', 'Z', 'h'});
            case BR -> false;
            case LZ4 -> hasAt(head, 0, new byte[] {4, 0x22, 0x4d, 0x18});
            case LZIP -> hasAt(head, 0, LzipMember.MAGIC);
            case LZMA -> hasAt(head, 0, new byte[] {0x5d, 0, 0}) && hasLzmaSize(head);
        };
    }

    private static boolean hasAt(byte[] head, int off, byte[] magic) {
        return head.length >= off + magic.length
                && Arrays.equals(head, off, off + magic.length, magic, 0, magic.length);
    }

    private static boolean hasLzmaSize(byte[] head) {
        if (head.length < LZMA_HEADER_BYTES) {
            return false;
        }
        long size = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getLong(LZMA_HEADER_BYTES - Long.BYTES);
        return size == -1 || size >>> LZMA_SIZE_LOG == 0;
    }

    /**
     * Returns what Nix appends to {@code .nar} in the name of a file that it uploads with this compression; nothing for
     * none, gzip and lzma.
     */
    public String fileSuffix() {
        return switch (this) {
            case NONE, GZIP, LZMA -> "";
            case XZ, LZ4, LZIP, BR -> "." + this;
            case ZSTD -> ".zst";
            case BZIP2 -> ".bz2";
        };
    }

    /**
     * Returns the bytes that {@code in} holds compressed. Reading them takes all of {@code in}; closing closes it.
     *
     * @throws EOFException if {@code in} is empty although a compressed file never is
     */
    @MustBeClosed
    public InputStream decode(InputStream in) throws IOException {
        return decode(in, DecoderBounds.NAR);
    }

    /** As {@link #decode(InputStream)}, by decoders that take no more memory than this. */
    @MustBeClosed
    public InputStream decode(InputStream in, DecoderBounds bounds) throws IOException {
        if (this == NONE) {
            return in;
        }
        BufferedInputStream buffered = new BufferedInputStream(in, BUFFER_BYTES);
        buffered.mark(1);
        if (buffered.read() < 0) {
            throw new EOFException("the " + this + " file is empty");
        }
        buffered.reset();
        return decoder(buffered, bounds);
    }

    abstract InputStream decoder(InputStream in, DecoderBounds bounds) throws IOException;

    /** Returns the name narinfos use. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
