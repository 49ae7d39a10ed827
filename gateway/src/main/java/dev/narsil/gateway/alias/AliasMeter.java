package dev.narsil.gateway.alias;

import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what an {@link Alias} must know of a NAR, while the NAR passes. Takes all its bytes; forms that must be computed
 * are computed, on the caller's thread, the others cost next to nothing.
 */
public final class AliasMeter extends OutputStream {

    private final AliasForm form;
    private final CRC32 crc = new CRC32();
    private final @Nullable ByteCounter encoded;
    private final @Nullable OutputStream encoder;
    private long narSize;

    /** Begins a NAR whose alias is to be in this compression. */
    public AliasMeter(Compression compression) throws IOException {
        form = AliasForm.of(compression);
        if (form instanceof EncodedForm computed) {
            encoded = new ByteCounter(OutputStream.nullOutputStream());
            encoder = computed.encoder(encoded);
        } else {
            encoded = null;
            encoder = null;
        }
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] nar, int off, int len) throws IOException {
        crc.update(nar, off, len);
        narSize += len;
        if (encoder != null) {
            encoder.write(nar, off, len);
        }
    }

    /**
     * Ends the NAR.
     *
     * @param uploadedLength the length of the client's file in bytes
     * @param now when the client wrote the file
     * @throws IllegalArgumentException if the NAR has no bytes
     */
    public Alias finish(Sha256 narHash, long uploadedLength, Instant now) throws IOException {
        close();
        long length = encoded == null ? ((StoredForm) form).length(narSize) : encoded.count();
        return new Alias(
                form.compression(),
                form.version(),
                narHash,
                narSize,
                length,
                uploadedLength,
                (int) crc.getValue(),
                now.getEpochSecond());
    }

    @Override
    public void close() throws IOException {
        if (encoder != null) {
            encoder.close();
        }
    }
}
