package dev.narsil.gateway.http;

import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;

/**
 * What the target of a request names. The text is as it was sent: nothing is decoded, and it may hold anything that the
 * route's pattern does not exclude.
 *
 * @param route the kind of thing
 * @param name which one: the digest of a narinfo or listing, the hash of a NAR file, what follows the folder of a log,
 *     realisation, build trace or debug info (with its query, which old clients do not escape), or the folder of what is
 *     named by content (with its query), or what follows the path of the pins (slash, id and query); else empty
 * @param suffix what follows {@code .nar}: empty, or a dot and up to {@value #MAX_SUFFIX} small letters and digits
 */
record Target(Route route, String name, String suffix) {

    /** Longest suffix of a NAR file, after its dot. */
    static final int MAX_SUFFIX = 7;

    private static final Target NONE = new Target(Route.NONE, "", "");
    private static final String NAR_INFO_SUFFIX = ".narinfo";
    private static final String LISTING_SUFFIX = ".ls";
    private static final String NAR_FOLDER = "/nar/";
    private static final String NAR_SUFFIX = ".nar";
    private static final int NAR_INFO_LENGTH = 1 + Digest.LENGTH + NAR_INFO_SUFFIX.length();
    private static final int LISTING_LENGTH = 1 + Digest.LENGTH + LISTING_SUFFIX.length();
    private static final int NAR_HASH_END = NAR_FOLDER.length() + Sha256.BASE32_LENGTH;
    private static final int NAR_END = NAR_HASH_END + NAR_SUFFIX.length();
    private static final String LOG_FOLDER = "/log/";
    private static final String REALISATION_FOLDER = "/realisations/";
    private static final String BUILD_TRACE_FOLDER = "/build-trace-v2/";
    private static final String DEBUG_INFO_FOLDER = "/debuginfo/";
    private static final String NAR_BY_HASH_FOLDER = "/nar-by-hash/";
    private static final String RASL_FOLDER = "/.well-known/rasl/";
    private static final String IPFS_FOLDER = "/ipfs/";
    private static final String PINS_PATH = "/api/v1/pins";
    private static final String INDEX_FOLDER = "/narsil-index/";
    private static final String PROVIDERS_FOLDER = "/routing/v1/providers/";

    /** Returns the path of a request target: the target itself, or what follows the authority of an absolute one. */
    static String path(String target) {
        int scheme = target.startsWith("http://") ? 7 : target.startsWith("https://") ? 8 : 0;
        if (scheme == 0) {
            return target;
        }
        int slash = target.indexOf('/', scheme);
        return slash < 0 ? "/" : target.substring(slash);
    }

    /** Returns what a path names. */
    static Target of(String path) {
        int length = path.length();
        if (length == 0 || path.charAt(0) != '/') {
            return NONE;
        }
        if (length == NAR_INFO_LENGTH && path.endsWith(NAR_INFO_SUFFIX)) {
            return named(Route.NAR_INFO, path.substring(1, 1 + Digest.LENGTH));
        }
        if (path.startsWith(NAR_FOLDER)) {
            return nar(path);
        }
        if (length == LISTING_LENGTH && path.endsWith(LISTING_SUFFIX)) {
            return named(Route.LISTING, path.substring(1, 1 + Digest.LENGTH));
        }
        return switch (path) {
            case "/nix-cache-info" -> named(Route.CACHE_INFO, "");
            case "/healthz" -> named(Route.HEALTH, "");
            case "/readyz" -> named(Route.READY, "");
            case "/metrics" -> named(Route.METRICS, "");
            case "/" -> named(Route.ROOT, "");
            default -> inFolder(path);
        };
    }

    private static Target nar(String path) {
        if (path.length() < NAR_END || !path.startsWith(NAR_SUFFIX, NAR_HASH_END)) {
            return NONE;
        }
        String suffix = path.substring(NAR_END);
        return isSuffix(suffix)
                ? new Target(Route.NAR, path.substring(NAR_FOLDER.length(), NAR_HASH_END), suffix)
                : NONE;
    }

    private static boolean isSuffix(String text) {
        if (text.isEmpty()) {
            return true;
        }
        return text.charAt(0) == '.'
                && text.length() > 1
                && text.length() <= 1 + MAX_SUFFIX
                && text.chars().skip(1).allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
    }

    private static Target inFolder(String path) {
        if (path.startsWith(LOG_FOLDER)) {
            return named(Route.LOG, path.substring(LOG_FOLDER.length()));
        }
        if (path.startsWith(REALISATION_FOLDER)) {
            return named(Route.REALISATION, path.substring(REALISATION_FOLDER.length()));
        }
        if (path.startsWith(BUILD_TRACE_FOLDER)) {
            return named(Route.BUILD_TRACE, path.substring(BUILD_TRACE_FOLDER.length()));
        }
        if (path.startsWith(DEBUG_INFO_FOLDER)) {
            return named(Route.DEBUG_INFO, path.substring(DEBUG_INFO_FOLDER.length()));
        }
        return byContent(path);
    }

    private static Target byContent(String path) {
        if (path.startsWith(IPFS_FOLDER)) {
            return named(Route.IPFS, path.substring(IPFS_FOLDER.length()));
        }
        if (path.startsWith(PROVIDERS_FOLDER)) {
            return named(Route.PROVIDERS, path.substring(PROVIDERS_FOLDER.length()));
        }
        if (path.startsWith(NAR_BY_HASH_FOLDER)) {
            return named(Route.NAR_BY_HASH, path.substring(NAR_BY_HASH_FOLDER.length()));
        }
        if (path.startsWith(INDEX_FOLDER)) {
            return named(Route.INDEX, path.substring(INDEX_FOLDER.length()));
        }
        if (path.startsWith(RASL_FOLDER)) {
            return named(Route.RASL, path.substring(RASL_FOLDER.length()));
        }
        return path.startsWith(PINS_PATH) ? pins(path.substring(PINS_PATH.length())) : NONE;
    }

    private static Target pins(String rest) {
        return rest.isEmpty() || rest.charAt(0) == '/' || rest.charAt(0) == '?' ? named(Route.PINS, rest) : NONE;
    }

    private static Target named(Route route, String name) {
        return new Target(route, name, "");
    }
}
