package dev.narsil.gateway.upload;

import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.upload.UploadMemory.Share;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** The body of an upload that is not a NAR, without its codings. Small plain ones cost nothing, others wait for memory. */
final class SmallBody {

    /** Memory for all that are not small and plain. */
    static final int MEMORY_MIB = 64;

    /** Longest body that does not count. */
    static final int SMALL_BYTES = 256 << 10;

    /** How long a client may take to send it. */
    static final Duration MAX_TIME = Duration.ofMinutes(10);

    /** What a body that is not small takes: at most its stored form twice. */
    private static final int PLAIN_MIB = 32;

    private final UploadMemory memory;
    private final ContentCodings codings;

    /** What is made of a body. */
    interface Use<T> {
        T of(InputStream decoded) throws IOException;
    }

    SmallBody(UploadMemory memory, ContentCodings codings) {
        this.memory = memory;
        this.codings = codings;
    }

    /**
     * Reads a body.
     *
     * @param length its length as announced
     * @throws RefusedException if it is not coded as it says
     */
    <T> T read(BodyPipe body, long length, Use<T> use) throws IOException {
        body.limit(MAX_TIME);
        if (codings.isIdentity() && length != Upload.UNKNOWN_LENGTH && length <= SMALL_BYTES) {
            return use.of(body);
        }
        try (Share _ = memory.acquire(mib(), body)) {
            return use.of(Judged.open(body, "Content-Encoding " + codings.applied(), () -> codings.decode(body)));
        }
    }

    private int mib() {
        int mib = PLAIN_MIB;
        for (Compression coding : codings.applied()) {
            mib += DecoderMemory.mib(coding, new byte[0], 0);
        }
        return mib;
    }
}
