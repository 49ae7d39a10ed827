package dev.narsil.gateway.importer;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.SourceException;
import dev.narsil.rewrite.hash.Sha256;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * The file of a NAR on its way to the decoder, compared with {@code FileHash} and {@code FileSize} where the narinfo
 * has them; a
 * {@code FileSize} of 0 says nothing, as for Nix. Where the file is the NAR itself, its NarHash is enough.
 */
final class FetchedFile extends FilterInputStream {

    private static final int DRAIN_BYTES = 64 << 10;

    /** Most a compressed file without a {@code FileSize} may be longer than its NAR. */
    private static final long MAX_OVERHEAD = 1 << 20;

    private final @Nullable Sha256 fileHash;
    private final long fileSize;
    private final long maxSize;
    private final MessageDigest digest = Sha256.newDigest();
    private long length;

    FetchedFile(InputStream in, NarInfo info) {
        super(in);
        Sha256 narHash = info.pathInfo().narHash();
        Sha256 announced = info.fileSha256().orElse(null);
        boolean isNar = info.compression().equals("none") && announced != null && announced.equals(narHash);
        this.fileHash = isNar ? null : announced;
        Long announcedSize = info.fileSize();
        this.fileSize = announcedSize == null ? 0 : announcedSize;
        long narSize = info.pathInfo().narSize();
        this.maxSize = fileSize > 0 ? fileSize : Math.min(narSize, Long.MAX_VALUE / 2) / 8 * 9 + MAX_OVERHEAD;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int off, int len) throws IOException {
        int read = super.read(target, off, len);
        if (read > 0) {
            length += read;
            if (length > maxSize) {
                throw new SourceException(
                        fileSize > 0
                                ? "the file is longer than its FileSize, " + fileSize
                                : "the file is longer than its NAR");
            }
            if (fileHash != null) {
                digest.update(target, off, read);
            }
        }
        return read;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    /**
     * Reads what a decoder may have left, and compares.
     *
     * @return the length of the file in bytes
     * @throws SourceException if it is not the file announced
     */
    long finish() throws IOException {
        byte[] rest = new byte[DRAIN_BYTES];
        int read = 0;
        while (read >= 0) {
            read = read(rest, 0, rest.length);
        }
        if (fileSize > 0 && length != fileSize) {
            throw new SourceException("the file has " + length + " bytes, its FileSize is " + fileSize);
        }
        if (fileHash != null) {
            Sha256 hash = Sha256.finish(digest);
            if (!fileHash.equals(hash)) {
                throw new SourceException("the file hashes to " + hash + ", its FileHash is " + fileHash);
            }
        }
        return length;
    }
}
