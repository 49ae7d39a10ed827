package dev.narsil.gateway.http;

import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;

/** What a request target names. Only exact, unencoded paths name anything; there is no query. */
enum Route {
    ROOT,
    CACHE_INFO,
    HEALTH,
    METRICS,
    NAR_INFO,
    LISTING,
    NAR,
    NONE;

    private static final String NAR_INFO_SUFFIX = ".narinfo";
    private static final String LISTING_SUFFIX = ".ls";
    private static final String NAR_PREFIX = "/nar/";
    private static final String NAR_SUFFIX = ".nar";
    private static final int NAR_INFO_LENGTH = 1 + Digest.LENGTH + NAR_INFO_SUFFIX.length();
    private static final int LISTING_LENGTH = 1 + Digest.LENGTH + LISTING_SUFFIX.length();
    private static final int NAR_LENGTH = NAR_PREFIX.length() + Sha256.BASE32_LENGTH + NAR_SUFFIX.length();
    private static final String HTTP_SCHEME = "http://";

    /** Returns the path of a request target: the target itself, or what follows the authority of an absolute one. */
    static String path(String target) {
        if (!target.startsWith(HTTP_SCHEME)) {
            return target;
        }
        int slash = target.indexOf('/', HTTP_SCHEME.length());
        return slash < 0 ? "/" : target.substring(slash);
    }

    /** Returns what a path names. */
    static Route of(String path) {
        int length = path.length();
        if (length == 0 || path.charAt(0) != '/') {
            return NONE;
        }
        if (length == NAR_INFO_LENGTH && path.endsWith(NAR_INFO_SUFFIX)) {
            return NAR_INFO;
        }
        if (length == NAR_LENGTH && path.startsWith(NAR_PREFIX) && path.endsWith(NAR_SUFFIX)) {
            return NAR;
        }
        if (length == LISTING_LENGTH && path.endsWith(LISTING_SUFFIX)) {
            return LISTING;
        }
        return switch (path) {
            case "/nix-cache-info" -> CACHE_INFO;
            case "/healthz" -> HEALTH;
            case "/metrics" -> METRICS;
            case "/" -> ROOT;
            default -> NONE;
        };
    }

    /** Returns the digest or hash in a path of this kind, as text that may still be anything of the right length. */
    String name(String path) {
        return switch (this) {
            case NAR_INFO, LISTING -> path.substring(1, 1 + Digest.LENGTH);
            case NAR -> path.substring(NAR_PREFIX.length(), NAR_PREFIX.length() + Sha256.BASE32_LENGTH);
            default -> "";
        };
    }
}
