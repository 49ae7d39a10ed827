package dev.narsil.gateway.upload;

import com.google.errorprone.annotations.MustBeClosed;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.DecoderMemory;
import dev.narsil.gateway.source.SourceException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The codings of a body that {@code Content-Encoding} names, in the order they were applied (RFC 9110, 8.4).
 *
 * @param applied innermost first
 */
record ContentCodings(List<Compression> applied) {

    /** Most codings of one body; clients use one. */
    static final int MAX_CODINGS = 2;

    private static final String IDENTITY = "identity";

    /** What RFC 9110 has servers take for {@code gzip}. */
    private static final String OLD_GZIP = "x-gzip";

    static final ContentCodings PLAIN = new ContentCodings(List.of());

    ContentCodings {
        applied = List.copyOf(applied);
    }

    /**
     * Reads the values of the header fields.
     *
     * @throws RefusedException if there are more than {@link #MAX_CODINGS}, or one is not known
     */
    static ContentCodings parse(List<String> headers) throws RefusedException {
        List<Compression> applied = new ArrayList<>();
        for (String header : headers) {
            for (String entry : header.split(",", -1)) {
                String name = entry.strip().toLowerCase(Locale.ROOT);
                Compression coding = name.isEmpty() || name.equals(IDENTITY) ? Compression.NONE : known(name);
                if (coding != Compression.NONE) {
                    applied.add(coding);
                }
            }
        }
        if (applied.size() > MAX_CODINGS) {
            throw new RefusedException(Verdict.malformed("more than " + MAX_CODINGS + " codings in Content-Encoding"));
        }
        return new ContentCodings(applied);
    }

    private static Compression known(String name) throws RefusedException {
        try {
            return Compression.of(name.equals(OLD_GZIP) ? Compression.GZIP.toString() : name);
        } catch (SourceException e) {
            throw new RefusedException(Verdict.malformed("Content-Encoding: " + e.getMessage()));
        }
    }

    boolean isIdentity() {
        return applied.isEmpty();
    }

    /** What all decoders take of memory, in MiB. */
    int decodersMib() {
        return applied.stream()
                .mapToInt(coding -> DecoderMemory.usual(coding).mib())
                .sum();
    }

    /** Returns the bytes that were encoded. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // each is closed by the one that reads it
    InputStream decode(InputStream body) throws IOException {
        InputStream decoded = body;
        try {
            for (Compression coding : applied.reversed()) {
                decoded = DecoderMemory.usual(coding).decode(decoded);
            }
            return decoded;
        } catch (IOException | RuntimeException e) {
            decoded.close();
            throw e;
        }
    }
}
