package dev.narsil.rewrite.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/** NARs put together token by token, so that they can be wrong, with a mark where. */
public final class NarTokens {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private OptionalInt badOffset = OptionalInt.empty();

    /** Starts with nothing. */
    public static NarTokens nothing() {
        return new NarTokens();
    }

    /** Starts with the magic. */
    public static NarTokens nar() {
        return new NarTokens().str("nix-archive-1");
    }

    /** Starts with the magic and the opening of a directory. */
    public static NarTokens directory() {
        return nar().str("(", "type", "directory");
    }

    /** Starts with the magic and the opening of a regular file. */
    public static NarTokens regular() {
        return nar().str("(", "type", "regular");
    }

    /** Appends padded strings of Latin-1 characters. */
    public NarTokens str(String... strings) {
        for (String string : strings) {
            str(latin1(string));
        }
        return this;
    }

    /** Appends a padded string. */
    public NarTokens str(byte[] string) {
        word(string.length).raw(string);
        return raw(new byte[(8 - string.length % 8) % 8]);
    }

    /** Appends a length word. */
    public NarTokens word(long value) {
        return raw(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array());
    }

    /** Appends bytes as they are. */
    public NarTokens raw(byte... data) {
        bytes.writeBytes(data);
        return this;
    }

    /** Appends Latin-1 characters as they are. */
    public NarTokens raw(String text) {
        return raw(latin1(text));
    }

    /** Appends an entry that is an empty regular file. */
    public NarTokens entry(String name) {
        return openEntry(name).file("").str(")");
    }

    /** Appends an entry up to its node. */
    public NarTokens openEntry(String name) {
        return str("entry", "(", "name", name, "node");
    }

    /** Appends the node of a regular file. */
    public NarTokens file(String contents) {
        return str("(", "type", "regular", "contents", contents, ")");
    }

    /** Appends the node of a symlink. */
    public NarTokens symlink(String target) {
        return str("(", "type", "symlink", "target", target, ")");
    }

    /** Marks what follows as wrong; only the first mark counts. */
    public NarTokens bad() {
        if (badOffset.isEmpty()) {
            badOffset = OptionalInt.of(bytes.size());
        }
        return this;
    }

    /** Where the mark is, if there is one. */
    public OptionalInt badOffset() {
        return badOffset;
    }

    /** Returns a copy of the bytes. */
    public byte[] toBytes() {
        return bytes.toByteArray();
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
