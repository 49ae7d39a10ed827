package dev.narsil.gateway.upload;

import dev.narsil.gateway.upload.UploadMemory.Share;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/**
 * The body of an upload that is not a NAR, without its codings. A small plain one costs nothing; others are received first and then wait
 * for memory, which they have for no longer than they are decoded.
 */
final class SmallBody {

    /** Memory for all that are not small and plain. */
    static final int MEMORY_MIB = 64;

    /** Longest body that does not count. */
    static final int SMALL_BYTES = 256 << 10;

    /** How long a client may take to send it. */
    static final Duration MAX_TIME = Duration.ofMinutes(10);

    private final UploadMemory memory;
    private final ContentCodings codings;
    private final int useMib;

    /** What is made of a body. */
    interface Use<T> {
        T of(InputStream decoded) throws IOException;
    }

    /**
     * A body in these codings.
     *
     * @param useMib what {@link Use} takes of memory
     */
    SmallBody(UploadMemory memory, ContentCodings codings, int useMib) {
        this.memory = memory;
        this.codings = codings;
        this.useMib = useMib;
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
        String what = "Content-Encoding " + codings.applied();
        try (Share share = memory.onceItIsHere(useMib + codings.decodersMib(), body)) {
            InputStream coded = share.body();
            try (InputStream decoded = Judged.open(body, coded, what, codings::decode)) {
                T made = use.of(decoded);
                if (coded.read() >= 0) {
                    throw new RefusedException(Verdict.malformed(what + ": bytes after the end"));
                }
                return made;
            }
        }
    }
}
