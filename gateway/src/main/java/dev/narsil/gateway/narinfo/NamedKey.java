package dev.narsil.gateway.narinfo;

import java.util.Arrays;
import java.util.Base64;

/**
 * The text form that keys and signatures share: a name, the first colon, and base64.
 *
 * @param name not empty
 * @param bytes what the base64 stands for
 */
@SuppressWarnings("ArrayRecordComponent")
record NamedKey(String name, byte[] bytes) {

    /**
     * Reads a text of which the base64 stands for {@code length} bytes. The message of what it throws never has the
     * base64,
     * which may be secret.
     *
     * @throws IllegalArgumentException if it is anything else
     */
    static NamedKey parse(String what, String text, int length) {
        int colon = text.indexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException(
                    what + " is <name>:<base64>, but there is no " + (colon < 0 ? "':'" : "name before the ':'"));
        }
        String name = text.substring(0, colon);
        checkName(what, name);
        String digits = text.substring(colon + 1);
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(digits);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(what + " '" + name + "' is not in base64", e);
        }
        if (bytes.length != length || digits.length() != encodedLength(length)) {
            throw new IllegalArgumentException(what + " '" + name + "' has " + bytes.length + " bytes in "
                    + digits.length() + " characters, not " + length + " in " + encodedLength(length));
        }
        return new NamedKey(name, bytes);
    }

    /** Throws IllegalArgumentException with the reason if {@code name} cannot be the name of {@code what}. */
    static void checkName(String what, String name) {
        if (name.isEmpty() || !name.chars().allMatch(c -> c > ' ' && c < 0x7f && c != ':')) {
            throw new IllegalArgumentException("the name of " + what + " is printable ASCII without spaces and colons");
        }
    }

    byte[] bytes(int from, int to) {
        return Arrays.copyOfRange(bytes, from, to);
    }

    String print() {
        return name + ":" + Base64.getEncoder().encodeToString(bytes);
    }

    @Override
    public String toString() {
        return name;
    }

    private static int encodedLength(int bytes) {
        return (bytes + 2) / 3 * 4;
    }
}
