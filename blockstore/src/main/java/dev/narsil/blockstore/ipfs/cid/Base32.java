package dev.narsil.blockstore.ipfs.cid;

import dev.narsil.blockstore.codec.FormatException;
import java.util.Arrays;

/** Base32 of RFC 4648 in lower case, without padding. */
final class Base32 {

    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
    private static final byte[] VALUES = values();

    private Base32() {}

    static String encode(byte[] bytes) {
        StringBuilder text = new StringBuilder((bytes.length * 8 + 4) / 5);
        int bits = 0;
        int count = 0;
        for (byte b : bytes) {
            bits = bits << 8 | (b & 0xff);
            count += 8;
            while (count >= 5) {
                count -= 5;
                text.append(ALPHABET.charAt(bits >>> count & 31));
            }
        }
        if (count > 0) {
            text.append(ALPHABET.charAt(bits << (5 - count) & 31));
        }
        return text.toString();
    }

    /** Returns the bytes of the text from character {@code from} on. */
    static byte[] decode(String text, int from) throws FormatException {
        int characters = text.length() - from;
        byte[] bytes = new byte[characters * 5 / 8];
        int bits = 0;
        int count = 0;
        int size = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            int value = c < VALUES.length ? VALUES[c] : -1;
            if (value < 0) {
                throw new FormatException("CID is corrupt: character " + i + " is not of base32");
            }
            bits = bits << 5 | value;
            count += 5;
            if (count >= 8) {
                count -= 8;
                bytes[size++] = (byte) (bits >>> count);
            }
        }
        if (count >= 5 || (bits & (1 << count) - 1) != 0) {
            throw new FormatException("CID is corrupt: its last character is not of base32 in its only form");
        }
        return bytes;
    }

    private static byte[] values() {
        byte[] values = new byte[128];
        Arrays.fill(values, (byte) -1);
        for (int i = 0; i < ALPHABET.length(); i++) {
            values[ALPHABET.charAt(i)] = (byte) i;
        }
        return values;
    }
}
