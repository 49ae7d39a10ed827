package dev.narsil.gateway.source;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** URLs of web servers (RFC 3986). */
public final class HttpUrls {

    private HttpUrls() {}

    /**
     * Returns the root of the cache at {@code url}: without credentials and parameters, with a slash at its end.
     *
     * @throws IllegalArgumentException if it is no URL of a web server; the message has none of it
     */
    public static URI root(String url) {
        try {
            URI uri = new URI(url);
            String path = uri.getRawPath() == null ? "" : uri.getRawPath();
            while (path.endsWith("/")) {
                path = path.substring(0, path.length() - 1);
            }
            String host = uri.getHost();
            if (host == null) {
                throw new IllegalArgumentException("the URL of a binary cache needs a host");
            }
            String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
            return checked(new URI(uri.getScheme().toLowerCase(Locale.ROOT) + "://" + host + port + path + "/"));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("not a URL: " + e.getReason() + " at " + e.getIndex());
        }
    }

    /** Returns the user info of a URL, decoded, or null. */
    public static @Nullable String userInfo(String url) {
        String raw = URI.create(url).getRawUserInfo();
        return raw == null ? null : PercentCoding.decode(raw);
    }

    /**
     * Returns what {@code reference} means at {@code base}.
     *
     * @throws SourceException if that is not a URL of a web server, or has credentials in it
     */
    public static URI resolve(URI base, String reference) throws SourceException {
        try {
            URI uri = checked(base.resolve(new URI(reference)));
            if (uri.getRawUserInfo() != null) {
                throw new SourceException("a URL from a server with credentials in it is not followed");
            }
            return uri;
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new SourceException("'" + reference + "' is not the URL of a file on a web server", e);
        }
    }

    /** Returns a URL as it may be told and logged: without what may be a secret in its query. */
    public static String told(URI uri) {
        String text = uri.toString();
        int query = text.indexOf('?');
        return query < 0 ? text : text.substring(0, query) + "?...";
    }

    /** Tells whether two URLs are of one scheme, host and port, as they are written. */
    public static boolean sameOrigin(URI one, URI other) {
        return one.getScheme().equals(other.getScheme())
                && one.getHost().equals(other.getHost())
                && one.getPort() == other.getPort();
    }

    private static URI checked(URI uri) {
        String scheme = uri.getScheme();
        if (uri.getHost() == null || !("http".equals(scheme) || "https".equals(scheme))) {
            throw new IllegalArgumentException("not an http or https URL");
        }
        return uri;
    }
}
