package dev.narsil.gateway.listing;

import dev.narsil.rewrite.nar.NarVisitor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes the nodes of a NAR as JSON, and remembers why it stopped when one has no JSON form or the text gets too long.
 */
final class ListingWriter implements NarVisitor {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final int maxBytes;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int depth;
    private boolean first = true;
    private @Nullable String refusal;

    ListingWriter(int maxBytes) {
        this.maxBytes = maxBytes;
        ascii("{\"version\":1,\"root\":");
    }

    @Override
    public void directory(byte[] name) {
        if (begin(name)) {
            ascii("{\"type\":\"directory\",\"entries\":{");
        }
        depth++;
        first = true;
    }

    @Override
    public void endDirectory() {
        depth--;
        first = false;
        if (refusal == null) {
            ascii("}}");
        }
    }

    @Override
    public void regular(byte[] name, boolean executable, long size, long contentsOffset) {
        if (begin(name)) {
            ascii("{\"type\":\"regular\",\"size\":" + size);
            ascii(executable ? ",\"executable\":true" : "");
            ascii(",\"narOffset\":" + contentsOffset + "}");
        }
    }

    @Override
    public void symlink(byte[] name, byte[] target) {
        if (begin(name)) {
            ascii("{\"type\":\"symlink\",\"target\":");
            string(target);
            ascii("}");
        }
    }

    /** Throws what stopped the writing, if anything did. */
    void check() throws ListingException {
        if (refusal != null) {
            throw new ListingException("no listing: " + refusal);
        }
    }

    /** Returns the whole text, once the root has ended. */
    byte[] bytes() {
        ascii("}");
        return out.toByteArray();
    }

    private boolean begin(byte[] name) {
        if (depth > 0 && refusal == null) {
            if (!first) {
                out.write(',');
            }
            string(name);
            out.write(':');
        }
        first = false;
        if (refusal == null && out.size() > maxBytes) {
            refusal = "it would be longer than " + maxBytes + " bytes";
        }
        return refusal == null;
    }

    private void ascii(String text) {
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private void string(byte[] text) {
        if (!isUtf8(text)) {
            refusal = "a name or a symlink target is not UTF-8";
            return;
        }
        out.write('"');
        for (byte b : text) {
            switch (b) {
                case '"', '\\' -> escape(b);
                case '\n' -> escape('n');
                case '\r' -> escape('r');
                case '\t' -> escape('t');
                default -> {
                    if (b >= 0 && b < 0x20) {
                        ascii("\\u00");
                        out.write(HEX[b >> 4]);
                        out.write(HEX[b & 15]);
                    } else {
                        out.write(b);
                    }
                }
            }
        }
        out.write('"');
    }

    private void escape(int character) {
        out.write('\\');
        out.write(character);
    }

    private static boolean isUtf8(byte[] text) {
        try {
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(text));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
