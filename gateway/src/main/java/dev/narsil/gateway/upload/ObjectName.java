package dev.narsil.gateway.upload;

import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StorePath;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The name of a small file.
 *
 * @param kind what it is
 * @param path its path below the root of the cache, without percent codes; the pattern of its kind leaves no room for a dotted
 *     part in it
 */
public record ObjectName(ObjectKind kind, String path) {

    /** Longest name in its folder, with percent codes: those of a build trace have two of 211 characters. */
    static final int MAX_LENGTH = 1600;

    private static final String LISTING_SUFFIX = ".ls";
    private static final String DERIVATION_SUFFIX = ".drv";
    private static final String OUTPUT = "[0-9A-Za-z+._?=-]{1,211}\\.doi";
    private static final Pattern REALISATION = Pattern.compile("sha256:[0-9a-f]{64}!" + OUTPUT);
    private static final Pattern TRACED_OUTPUT = Pattern.compile(OUTPUT);
    private static final Pattern DEBUG_INFO = Pattern.compile("[0-9a-f]{40}\\.debug");

    /**
     * Reads the name of a file of this kind.
     *
     * @param name what follows the folder, as in the request line. A {@code ?} is part of it, as old clients do not encode it,
     *     and {@code +} is a plus. For a listing, the digest alone
     * @throws IllegalArgumentException if it does not have the pattern of its kind; no code may stand for a slash or for
     *     what is not printable ASCII
     */
    public static ObjectName parse(ObjectKind kind, String name) {
        if (name.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("a name of more than " + MAX_LENGTH + " characters");
        }
        return switch (kind) {
            case LOG -> named(kind, derivation(decode(name)));
            case LISTING -> named(kind, Digest.parse(name) + LISTING_SUFFIX);
            case REALISATION -> named(kind, matching(REALISATION, decode(name), "sha256:<64 hex>!<output>.doi"));
            case DEBUG_INFO -> named(kind, matching(DEBUG_INFO, decode(name), "<40 hex>.debug"));
            case BUILD_TRACE -> {
                int slash = name.indexOf('/');
                if (slash < 0) {
                    throw new IllegalArgumentException("a build trace is named <derivation>/<output>.doi");
                }
                String derivation = derivation(decode(name.substring(0, slash)));
                String output = matching(TRACED_OUTPUT, decode(name.substring(slash + 1)), "<output>.doi");
                yield named(kind, derivation + "/" + output);
            }
        };
    }

    private static ObjectName named(ObjectKind kind, String name) {
        return new ObjectName(kind, kind.folder() + name);
    }

    /** Returns its key among the objects of a store: the path, which tells the kind. */
    byte[] key() {
        return path.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return path;
    }

    private static String matching(Pattern pattern, String text, String form) {
        if (!pattern.matcher(text).matches()) {
            throw new IllegalArgumentException("not " + form);
        }
        return text;
    }

    private static String derivation(String name) {
        if (!StorePath.parseBaseName(name).name().endsWith(DERIVATION_SUFFIX)) {
            throw new IllegalArgumentException("the name of a derivation ends in " + DERIVATION_SUFFIX);
        }
        return name;
    }

    private static String decode(String part) {
        StringBuilder text = new StringBuilder(part.length());
        for (int i = 0; i < part.length(); i++) {
            int c = part.charAt(i);
            if (c == '%') {
                boolean code = i + 2 < part.length()
                        && HexFormat.isHexDigit(part.charAt(i + 1))
                        && HexFormat.isHexDigit(part.charAt(i + 2));
                if (!code) {
                    throw new IllegalArgumentException("two hex digits follow a '%'");
                }
                c = HexFormat.fromHexDigits(part, i + 1, i + 3);
                i += 2;
            }
            if (c <= ' ' || c >= 0x7f || c == '/') {
                throw new IllegalArgumentException("character 0x" + Integer.toHexString(c) + " in a name");
            }
            text.append((char) c);
        }
        return text.toString();
    }
}
