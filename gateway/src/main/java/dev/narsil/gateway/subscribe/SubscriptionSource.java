package dev.narsil.gateway.subscribe;

import dev.narsil.gateway.source.HttpUrls;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Pattern;

/**
 * What a subscription is of.
 *
 * @param kind how its paths are found
 * @param text the base name of a path, the URL of a list, or {@code ipns://NAME}
 */
public record SubscriptionSource(Kind kind, String text) {

    /** How paths are found. */
    public enum Kind {
        /** It is one path. */
        PATH,
        /** They are in a list on a web server. */
        LIST,
        /** They are in a list in IPFS, which a name of IPNS stands for. */
        NAME
    }

    /** Longest text. */
    static final int MAX_LENGTH = 2048;

    private static final String NAME_SCHEME = "ipns://";

    /** A peer's or key's id, or a domain with a DNSLink. */
    private static final Pattern NAME = Pattern.compile("ipns://[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?");

    /**
     * Reads what a user gave: a store path, its base name, or what {@link #of} reads.
     *
     * @throws IllegalArgumentException with the reason if it is anything else
     */
    public static SubscriptionSource parse(StoreDir storeDir, String text) {
        return text.startsWith("/") ? of(StorePath.parse(storeDir, text).baseName()) : of(text);
    }

    /**
     * Reads the text of one.
     *
     * @throws IllegalArgumentException with the reason if it is none
     */
    public static SubscriptionSource of(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("longer than " + MAX_LENGTH + " characters");
        }
        if (text.startsWith("http://") || text.startsWith("https://")) {
            checkUrl(text);
            return new SubscriptionSource(Kind.LIST, text);
        }
        if (text.startsWith(NAME_SCHEME)) {
            if (!NAME.matcher(text).matches()) {
                throw new IllegalArgumentException("'" + text + "' is not ipns://NAME");
            }
            return new SubscriptionSource(Kind.NAME, text);
        }
        if (text.contains("://")) {
            throw new IllegalArgumentException("a subscription is of a store path, http(s)://... or ipns://...");
        }
        return new SubscriptionSource(Kind.PATH, StorePath.parseBaseName(text).baseName());
    }

    private static void checkUrl(String text) {
        try {
            URI uri = new URI(text);
            if (uri.getHost() == null) {
                throw new IllegalArgumentException("the URL of a list has a host");
            }
            if (uri.getRawUserInfo() != null) {
                throw new IllegalArgumentException("the URL of a list has no credentials");
            }
            if (uri.getRawFragment() != null) {
                throw new IllegalArgumentException("the URL of a list has no '#'");
            }
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("not a URL: " + e.getReason() + " at " + e.getIndex());
        }
    }

    /** Returns the URL of a list. */
    URI url() {
        return URI.create(text);
    }

    /** Returns the path it is of. */
    StorePath path() {
        return StorePath.parseBaseName(text);
    }

    /** Returns the name of IPNS. */
    String name() {
        return text.substring(NAME_SCHEME.length());
    }

    /** Returns it as it may be shown: a URL without what may be a secret in its query. */
    public String told() {
        return kind == Kind.LIST ? HttpUrls.told(url()) : text;
    }
}
