package dev.narsil.blockstore.ipfs.cid;

import dev.narsil.blockstore.codec.FormatException;
import java.math.BigInteger;

/** Base58 in Bitcoin's alphabet, of byte strings that begin with no zero byte. Takes quadratic time. */
final class Base58 {

    private static final String ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private static final BigInteger BASE = BigInteger.valueOf(ALPHABET.length());

    private Base58() {}

    static String encode(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        BigInteger rest = new BigInteger(1, bytes);
        while (rest.signum() > 0) {
            BigInteger[] division = rest.divideAndRemainder(BASE);
            text.append(ALPHABET.charAt(division[1].intValue()));
            rest = division[0];
        }
        return text.reverse().toString();
    }

    /** Returns the {@code length} bytes of the text. */
    static byte[] decode(String text, int length) throws FormatException {
        BigInteger value = BigInteger.ZERO;
        for (int i = 0; i < text.length(); i++) {
            int digit = ALPHABET.indexOf(text.charAt(i));
            if (digit < 0) {
                throw new FormatException("CID is corrupt: character " + i + " is not of base58");
            }
            value = value.multiply(BASE).add(BigInteger.valueOf(digit));
        }
        if ((value.bitLength() + 7) / 8 != length) {
            throw new FormatException("CID is corrupt: it is not the base58 of " + length + " bytes");
        }
        byte[] signed = value.toByteArray();
        byte[] bytes = new byte[length];
        System.arraycopy(signed, signed.length - length, bytes, 0, length);
        return bytes;
    }
}
