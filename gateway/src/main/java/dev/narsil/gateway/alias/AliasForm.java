package dev.narsil.gateway.alias;

import dev.narsil.gateway.source.Compression;

/** How a NAR is written again in a compression: the same bytes whenever it is asked for. */
public sealed interface AliasForm permits StoredForm, EncodedForm {

    /** The compression whose decoders read it. */
    Compression compression();

    /** The version of what is written. It changes whenever a byte of any file does. */
    int version();

    /** Returns the form of a compression as it is written now. */
    static AliasForm of(Compression compression) {
        return switch (compression) {
            case NONE -> StoredForm.NONE;
            case XZ -> StoredForm.XZ;
            case ZSTD -> StoredForm.ZSTD;
            case GZIP -> StoredForm.GZIP;
            case BR -> StoredForm.BR;
            case LZ4 -> StoredForm.LZ4;
            case BZIP2 -> EncodedForm.BZIP2;
            case LZIP -> EncodedForm.LZIP;
            case LZMA -> EncodedForm.LZMA;
        };
    }
}
