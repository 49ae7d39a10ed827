package dev.narsil.gateway.access;

import dev.narsil.rewrite.hash.NixBase32;
import dev.narsil.rewrite.hash.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Optional;

/** A token as its bearer presents it. Prints its id only. */
final class TokenText {

    private static final String PREFIX = "narsil_";
    private static final char SEPARATOR = '_';
    private static final int SECRET_BYTES = 32;
    private static final int ID_END = PREFIX.length() + NixBase32.encodedLength(Token.ID_BYTES);
    private static final int LENGTH = ID_END + 1 + NixBase32.encodedLength(SECRET_BYTES);

    private final String text;

    private TokenText(String text) {
        this.text = text;
    }

    /** Makes a new one. */
    static TokenText generate(SecureRandom random) {
        return new TokenText(PREFIX + digits(random, Token.ID_BYTES) + SEPARATOR + digits(random, SECRET_BYTES));
    }

    private static String digits(SecureRandom random, int bytes) {
        byte[] drawn = new byte[bytes];
        random.nextBytes(drawn);
        return NixBase32.encode(drawn);
    }

    /** Reads one; empty if the text has another form. The secret's characters are not looked at: its hash decides. */
    static Optional<TokenText> parse(String text) {
        return text.length() == LENGTH && text.startsWith(PREFIX) && text.charAt(ID_END) == SEPARATOR
                ? Optional.of(new TokenText(text))
                : Optional.empty();
    }

    String id() {
        return text.substring(PREFIX.length(), ID_END);
    }

    Sha256 hash() {
        return Sha256.hash(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The whole token, which is secret. */
    String secretText() {
        return text;
    }

    @Override
    public String toString() {
        return "token " + id();
    }
}
