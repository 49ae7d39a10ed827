package dev.narsil.gateway.source;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A whole answer to a GET of a small file.
 *
 * @param head its status and headers
 * @param body the body as it came
 */
@SuppressWarnings("ArrayRecordComponent")
public record HttpFile(HttpHead head, byte[] body) {

    /**
     * Returns up to {@code maxBytes} bytes of the file, without a coding some caches store small files in and that
     * comes although it was not asked for.
     *
     * @throws IOException if the coding is unknown, the body not in it, or it takes more memory than a small file may
     */
    public byte[] content(int maxBytes) throws IOException {
        return content(head, body, maxBytes);
    }

    /** As {@link #content(int)}, of a body that was read elsewhere. */
    static byte[] content(HttpHead head, byte[] body, int maxBytes) throws IOException {
        String coding = head.contentCoding();
        if (coding == null) {
            return body;
        }
        try (InputStream in = Compression.of(coding).decode(new ByteArrayInputStream(body), DecoderBounds.SMALL_FILE)) {
            return in.readNBytes(maxBytes);
        }
    }
}
