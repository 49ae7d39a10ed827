package dev.narsil.gateway.kubo;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the RPC API of a daemon is.
 *
 * @param root URL without credentials, with a slash at its end
 */
public record ApiAddress(URI root) {

    /** Where Kubo listens unless it is told otherwise. */
    public static final ApiAddress DEFAULT = parse("http://127.0.0.1:5001");

    private static final String FILE_NAME = "api";
    private static final int MAX_LENGTH = 1024;
    private static final String HOST = "(?<kind>ip4|ip6|dns|dns4|dns6)/(?<host>[0-9A-Za-z.:_-]+)";
    private static final Pattern MULTIADDR =
            Pattern.compile("/" + HOST + "/tcp/(?<port>\\d{1,5})(?<tls>/https|/tls/http)?(?:/http)?/?");

    /**
     * Reads a URL ({@code http://127.0.0.1:5001}) or a multiaddr ({@code /ip4/127.0.0.1/tcp/5001}).
     *
     * @throws IllegalArgumentException if it is neither, or has credentials in it, which belong into a file
     */
    public static ApiAddress parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("the address of an API has at most " + MAX_LENGTH + " characters");
        }
        return new ApiAddress(text.startsWith("/") ? ofMultiaddr(text) : ofUrl(text));
    }

    /**
     * Reads the file {@code api} that a running daemon keeps in its repository, {@code $IPFS_PATH}.
     *
     * @throws IOException if there is none, so no daemon runs there
     * @throws IllegalArgumentException if it has anything else
     */
    public static ApiAddress ofRepository(Path repository) throws IOException {
        try (InputStream in = Files.newInputStream(repository.resolve(FILE_NAME))) {
            return parse(new String(in.readNBytes(MAX_LENGTH + 1), StandardCharsets.UTF_8).strip());
        }
    }

    private static URI ofMultiaddr(String text) {
        Matcher matcher = MULTIADDR.matcher(text);
        if (!matcher.matches() || Integer.parseInt(matcher.group("port")) > 0xffff) {
            throw new IllegalArgumentException(
                    "not the address of an API: '" + text + "'; one is /ip4/127.0.0.1/tcp/5001 or a URL");
        }
        String host = matcher.group("kind").equals("ip6") ? "[" + matcher.group("host") + "]" : matcher.group("host");
        String scheme = matcher.group("tls") == null ? "http" : "https";
        return ofUrl(scheme + "://" + host + ":" + matcher.group("port"));
    }

    private static URI ofUrl(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("not a URL: " + e.getReason() + " at " + e.getIndex(), e);
        }
        if (uri.getRawUserInfo() != null) {
            throw new IllegalArgumentException("the URL of an API has no credentials: they belong into a file");
        }
        if (uri.getHost() == null || !("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
            throw new IllegalArgumentException("not an http or https URL: '" + text + "'");
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException("the URL of an API has no parameters");
        }
        String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceAll("/+$", "");
        return URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + path + "/");
    }

    @Override
    public String toString() {
        String text = root.toString();
        return text.substring(0, text.length() - 1);
    }
}
