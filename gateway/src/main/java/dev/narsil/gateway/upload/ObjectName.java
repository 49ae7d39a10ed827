package dev.narsil.gateway.upload;

import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StorePath;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of a small file: its kind, and its path below the root of the cache without percent codes.
 *
 * @param kind what it is
 * @param path without a leading slash; one of the patterns of {@link ObjectKind}, so there is never a dotted part in it
 */
public record ObjectName(ObjectKind kind, String path) {

    /** Longest path, in bytes, without percent codes. */
    public static final int MAX_LENGTH = 600;

    private static final String LOG_DIRECTORY = "log";
    private static final String REALISATIONS = "realisations";
    private static final String BUILD_TRACES = "build-trace-v2";
    private static final String DEBUG_INFO = "debuginfo";
    private static final String LISTING_SUFFIX = ".ls";
    private static final String DERIVATION_SUFFIX = ".drv";
    private static final String OUTPUT = "[0-9A-Za-z+._?=-]{1,211}\\.doi";
    private static final Pattern REALISATION_NAME = Pattern.compile("sha256:[0-9a-f]{64}!" + OUTPUT);
    private static final Pattern OUTPUT_NAME = Pattern.compile(OUTPUT);
    private static final Pattern DEBUG_INFO_NAME = Pattern.compile("[0-9a-f]{40}\\.debug");

    /**
     * Returns what the target of a request names, if it is a small file.
     *
     * @param target as in the request line, from the slash of the root on. A {@code ?} is part of the name, as old clients
     *     do not encode it, and {@code +} is a plus
     */
    public static Optional<ObjectName> parse(String target) {
        if (!target.startsWith("/") || target.length() > 3 * MAX_LENGTH) {
            return Optional.empty();
        }
        String[] parts = target.substring(1).split("/", -1);
        for (int i = 0; i < parts.length; i++) {
            String part = decode(parts[i]);
            if (part == null) {
                return Optional.empty();
            }
            parts[i] = part;
        }
        @Nullable ObjectKind kind = kind(parts);
        String path = String.join("/", parts);
        return kind == null || path.length() > MAX_LENGTH
                ? Optional.empty()
                : Optional.of(new ObjectName(kind, path));
    }

    /** Returns the name of the listing of a path. */
    public static ObjectName listing(Digest digest) {
        return new ObjectName(ObjectKind.LISTING, digest + LISTING_SUFFIX);
    }

    /** Returns its key among the objects of a store: the path, which tells the kind. */
    byte[] key() {
        return path.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return path;
    }

    private static @Nullable ObjectKind kind(String[] parts) {
        String last = parts[parts.length - 1];
        if (parts.length == 1) {
            return isListing(last) ? ObjectKind.LISTING : null;
        }
        if (parts.length == 2) {
            return switch (parts[0]) {
                case LOG_DIRECTORY -> isDerivation(last) ? ObjectKind.LOG : null;
                case REALISATIONS -> matches(REALISATION_NAME, last) ? ObjectKind.REALISATION : null;
                case DEBUG_INFO -> matches(DEBUG_INFO_NAME, last) ? ObjectKind.DEBUG_INFO : null;
                default -> null;
            };
        }
        boolean trace = parts.length == 3
                && parts[0].equals(BUILD_TRACES)
                && isDerivation(parts[1])
                && matches(OUTPUT_NAME, last);
        return trace ? ObjectKind.BUILD_TRACE : null;
    }

    private static boolean matches(Pattern pattern, String text) {
        return pattern.matcher(text).matches();
    }

    private static boolean isListing(String name) {
        if (name.length() != Digest.LENGTH + LISTING_SUFFIX.length() || !name.endsWith(LISTING_SUFFIX)) {
            return false;
        }
        try {
            var _ = Digest.parse(name.substring(0, Digest.LENGTH));
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isDerivation(String name) {
        try {
            return StorePath.parseBaseName(name).name().endsWith(DERIVATION_SUFFIX);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Returns a part of a path without percent codes, or null if it is none of printable ASCII or has a slash in it. */
    private static @Nullable String decode(String part) {
        StringBuilder text = new StringBuilder(part.length());
        for (int i = 0; i < part.length(); i++) {
            int c = part.charAt(i);
            if (c == '%') {
                boolean code = i + 2 < part.length()
                        && HexFormat.isHexDigit(part.charAt(i + 1))
                        && HexFormat.isHexDigit(part.charAt(i + 2));
                if (!code) {
                    return null;
                }
                c = HexFormat.fromHexDigits(part, i + 1, i + 3);
                i += 2;
            }
            if (c <= ' ' || c >= 0x7f || c == '/') {
                return null;
            }
            text.append((char) c);
        }
        return text.toString();
    }
}
