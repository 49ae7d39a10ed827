package dev.narsil.gateway.config;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/**
 * The text of an address to listen on: {@code HOST:PORT}, with an IPv6 address in brackets as in {@code [::1]:7745}
 * and port 0 for a free one, or {@code unix:PATH}.
 */
public final class ListenAddress {

    private static final String UNIX = "unix:";
    private static final int MAX_PORT = 0xffff;
    private static final int MAX_PORT_DIGITS = 5;

    /** Longest path of a socket that every system takes, in bytes. */
    private static final int MAX_UNIX_PATH = 103;

    private ListenAddress() {}

    /**
     * Reads one. The host of what it returns is not looked up.
     *
     * @param folder what a relative path is relative to
     * @throws IllegalArgumentException with the reason if the text is none
     */
    public static SocketAddress parse(String text, Path folder) {
        if (!text.startsWith(UNIX)) {
            return parseTcp(text);
        }
        String path = text.substring(UNIX.length());
        Path resolved = folder.resolve(path).normalize();
        if (path.isEmpty() || resolved.toString().length() > MAX_UNIX_PATH) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not unix:PATH with a path of at most " + MAX_UNIX_PATH + " characters");
        }
        return UnixDomainSocketAddress.of(resolved);
    }

    /** Reads {@code HOST:PORT}, as {@link #parse} does. */
    public static InetSocketAddress parseTcp(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0) {
            throw new IllegalArgumentException("'" + text + "' is not HOST:PORT, such as 127.0.0.1:7745 or [::1]:7745");
        }
        String host = text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isEmpty() || bracketed != (host.indexOf(':') >= 0) || host.indexOf('/') >= 0) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not HOST:PORT; an IPv6 address stands in brackets, as in [::1]:7745");
        }
        return InetSocketAddress.createUnresolved(host, port(text.substring(colon + 1)));
    }

    private static int port(String text) {
        boolean digits = !text.isEmpty()
                && text.length() <= MAX_PORT_DIGITS
                && text.chars().allMatch(c -> c >= '0' && c <= '9');
        if (!digits || Integer.parseInt(text) > MAX_PORT) {
            throw new IllegalArgumentException("a port is 0 to 65535, not '" + text + "'");
        }
        return Integer.parseInt(text);
    }

    /** Returns the text of an address. */
    public static String print(SocketAddress address) {
        if (address instanceof InetSocketAddress tcp) {
            String host = tcp.getHostString();
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + tcp.getPort();
        }
        return UNIX + address;
    }
}
