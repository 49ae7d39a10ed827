package dev.narsil.gateway.source;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * How the file of a NAR is compressed, by its name in a narinfo.
 *
 * <p>Each takes several streams, frames or members one after another, as parallel compressors write them. A file that
 * is cut
 * off, or has something else behind it, is an error. The check sums inside xz files are not computed: what comes out is
 * compared with the NarHash, which covers every byte.
 */
public enum Compression {
    NONE {
        @Override
        InputStream decoder(InputStream in) {
            return in;
        }
    },
    XZ {
        @Override
        InputStream decoder(InputStream in) throws IOException {
            return new XZInputStream(in, XZ_MEMORY_KIB, false);
        }
    },
    ZSTD {
        @Override
        InputStream decoder(InputStream in) throws IOException {
            return new ZstdInputStreamNoFinalizer(in).setLongMax(ZSTD_WINDOW_LOG);
        }
    },
    GZIP {
        @Override
        InputStream decoder(InputStream in) throws IOException {
            InputBound bound = new InputBound(in, GZIP_MAX_GAP);
            return bound.of(GzipCompressorInputStream.builder()
                    .setInputStream(bound)
                    .setDecompressConcatenated(true)
                    .get());
        }
    },
    BZIP2 {
        @Override
        InputStream decoder(InputStream in) throws IOException {
            return new BZip2CompressorInputStream(in, true);
        }
    };

    /**
     * Most memory of an xz decoder in KiB: the dictionary of 64 MiB that {@code xz -9} uses, and what goes with it.
     * It is on the heap, once for each NAR that is imported at a time.
     */
    static final int XZ_MEMORY_KIB = 72 << 10;

    /**
     * Largest window of a zstd frame, as a power of two: 128 MiB, as the {@code zstd} tool takes without being asked.
     */
    static final int ZSTD_WINDOW_LOG = 27;

    /** Most compressed bytes of gzip without any that come out, which bounds the names in a header. */
    static final int GZIP_MAX_GAP = 1 << 20;

    private static final int BUFFER_BYTES = 64 << 10;

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
     * Returns the bytes that {@code in} holds compressed. Reading them takes all of {@code in}; closing closes it.
     *
     * @throws EOFException if {@code in} is empty although a compressed file never is
     */
    public InputStream decode(InputStream in) throws IOException {
        if (this == NONE) {
            return in;
        }
        BufferedInputStream buffered = new BufferedInputStream(in, BUFFER_BYTES);
        buffered.mark(1);
        if (buffered.read() < 0) {
            throw new EOFException("the " + this + " file is empty");
        }
        buffered.reset();
        return decoder(buffered);
    }

    abstract InputStream decoder(InputStream in) throws IOException;

    /** Returns the name narinfos use. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
