package dev.narsil.rewrite.hash;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The base-32 text of Nix: lower case, without {@code e o t u}, least significant bits last. */
public final class NixBase32 {

    private static final byte[] ALPHABET = "0123456789abcdfghijklmnpqrsvwxyz".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VALUES = values();

    private NixBase32() {}

    /** Number of characters that {@code bytes} bytes take. */
    public static int encodedLength(int bytes) {
        return bytes == 0 ? 0 : (bytes * 8 - 1) / 5 + 1;
    }

    /** Tells whether a byte is a character of the alphabet. */
    public static boolean isDigit(byte character) {
        return VALUES[character & 0xff] >= 0;
    }

    /** Returns the text of {@code bytes}. */
    public static String encode(byte[] bytes) {
        byte[] text = new byte[encodedLength(bytes.length)];
        encode(bytes, 0, bytes.length, text, 0);
        return new String(text, StandardCharsets.US_ASCII);
    }

    /** Writes the text of {@code len} bytes at {@code off} into {@code text} at {@code textOff}, as ASCII. */
    public static void encode(byte[] bytes, int off, int len, byte[] text, int textOff) {
        int n = encodedLength(len);
        for (int k = 0; k < n; k++) {
            int bit = k * 5;
            int i = bit >>> 3;
            int shift = bit & 7;
            int value = (bytes[off + i] & 0xff) >>> shift;
            if (i + 1 < len) {
                value |= (bytes[off + i + 1] & 0xff) << (8 - shift);
            }
            text[textOff + n - 1 - k] = ALPHABET[value & 31];
        }
    }

    /**
     * Returns the {@code bytes} bytes that {@code text} stands for.
     *
     * @throws IllegalArgumentException if the length is wrong, a character is not of the alphabet, or bits beyond the
     *     end are set
     */
    public static byte[] decode(String text, int bytes) {
        byte[] result = new byte[bytes];
        decode(text.getBytes(StandardCharsets.ISO_8859_1), 0, text.length(), result);
        return result;
    }

    /** As {@link #decode(String, int)}, from {@code len} ASCII characters at {@code off} into all of {@code bytes}. */
    public static void decode(byte[] text, int off, int len, byte[] bytes) {
        if (len != encodedLength(bytes.length)) {
            throw new IllegalArgumentException("nix-base32 of " + bytes.length + " bytes has "
                    + encodedLength(bytes.length) + " characters, not " + len);
        }
        Arrays.fill(bytes, (byte) 0);
        for (int k = 0; k < len; k++) {
            byte character = text[off + len - 1 - k];
            int value = VALUES[character & 0xff];
            if (value < 0) {
                throw new IllegalArgumentException("not a nix-base32 character at " + (len - 1 - k) + ": 0x"
                        + Integer.toHexString(character & 0xff));
            }
            int bit = k * 5;
            int i = bit >>> 3;
            int shift = bit & 7;
            bytes[i] |= (byte) (value << shift);
            int carry = value >>> (8 - shift);
            if (i + 1 < bytes.length) {
                bytes[i + 1] |= (byte) carry;
            } else if (carry != 0) {
                throw new IllegalArgumentException("nix-base32 text has bits set beyond its last byte");
            }
        }
    }

    private static byte[] values() {
        byte[] values = new byte[256];
        Arrays.fill(values, (byte) -1);
        for (int i = 0; i < ALPHABET.length; i++) {
            values[ALPHABET[i]] = (byte) i;
        }
        return values;
    }
}
