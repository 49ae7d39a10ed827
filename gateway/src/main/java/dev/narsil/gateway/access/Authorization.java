package dev.narsil.gateway.access;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * The secret in an {@code Authorization} header: the credentials of {@code Bearer} (RFC 6750), or the password of
 * {@code Basic} (RFC 7617), whose user name may be anything. Clients of Nix send {@code Basic}, from a netrc file.
 */
final class Authorization {

    /** Longest header value that is looked at, in characters. */
    static final int MAX_LENGTH = 1024;

    private static final String BASIC = "Basic ";
    private static final String BEARER = "Bearer ";

    private Authorization() {}

    /** Returns the secret in a header value; empty if it has none of the two forms, or is too long. */
    static Optional<String> secret(String header) {
        if (header.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        if (hasScheme(header, BEARER)) {
            return Optional.of(credentials(header, BEARER));
        }
        return hasScheme(header, BASIC) ? password(credentials(header, BASIC)) : Optional.empty();
    }

    private static boolean hasScheme(String header, String scheme) {
        return header.regionMatches(true, 0, scheme, 0, scheme.length());
    }

    /** What follows the scheme and any number of spaces. */
    private static String credentials(String header, String scheme) {
        int from = scheme.length();
        while (from < header.length() && header.charAt(from) == ' ') {
            from++;
        }
        return header.substring(from);
    }

    private static Optional<String> password(String base64) {
        byte[] decoded;
        try {
            decoded = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        String pair = new String(decoded, StandardCharsets.ISO_8859_1);
        int colon = pair.indexOf(':');
        return colon < 0 ? Optional.empty() : Optional.of(pair.substring(colon + 1));
    }
}
