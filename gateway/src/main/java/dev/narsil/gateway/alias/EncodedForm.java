package dev.narsil.gateway.alias;

import dev.narsil.gateway.source.Compression;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;

/**
 * A form that must be computed, as its format has no uncompressed blocks: by an encoder with fixed settings, whose bytes
 * depend on nothing but the NAR. Its length is known once it was computed, and a part of it only after the parts before.
 */
public enum EncodedForm implements AliasForm {
    BZIP2(Compression.BZIP2) {
        @Override
        OutputStream encoder(OutputStream out) throws IOException {
            return new BZip2CompressorOutputStream(out, BZIP2_BLOCK);
        }
    },
    LZIP(Compression.LZIP) {
        @Override
        OutputStream encoder(OutputStream out) throws IOException {
            return new LzipOutputStream(out, new LZMA2Options(LZMA_PRESET));
        }
    },
    LZMA(Compression.LZMA) {
        @Override
        OutputStream encoder(OutputStream out) throws IOException {
            return new LZMAOutputStream(out, new LZMA2Options(LZMA_PRESET), -1);
        }
    };

    /** Size of bzip2 blocks in 100 000 bytes: the smallest, which takes least memory. */
    static final int BZIP2_BLOCK = 1;

    /** The fastest preset: 256 KiB of dictionary. */
    static final int LZMA_PRESET = 0;

    private static final int VERSION = 1;

    private final Compression compression;

    EncodedForm(Compression compression) {
        this.compression = compression;
    }

    @Override
    public Compression compression() {
        return compression;
    }

    @Override
    public int version() {
        return VERSION;
    }

    /**
     * Returns what writes the compressed bytes to {@code out} while it is given the NAR. Closing it writes the last and closes
     * {@code out}.
     */
    abstract OutputStream encoder(OutputStream out) throws IOException;
}
