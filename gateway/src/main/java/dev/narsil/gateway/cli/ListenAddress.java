package dev.narsil.gateway.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * An address to listen on, as {@code HOST:PORT}; an IPv6 address stands in brackets, as in {@code [::1]:7745}.
 *
 * @param host a name or address, without brackets
 * @param port 0 to 65535; 0 takes a free one
 */
record ListenAddress(String host, int port) {

    private static final int MAX_PORT = 0xffff;
    private static final int MAX_PORT_DIGITS = 5;

    /** Reads one; throws IllegalArgumentException with the reason if it is none. */
    static ListenAddress parse(String text) {
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
        return new ListenAddress(host, port(text.substring(colon + 1)));
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

    /** Returns this address with the port that was taken. */
    ListenAddress withPort(int actual) {
        return new ListenAddress(host, actual);
    }

    /** Returns the URL of what listens there. */
    String url() {
        return "http://" + this;
    }

    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    /** Lets picocli read one. */
    static final class Converter implements ITypeConverter<ListenAddress> {
        @Override
        public ListenAddress convert(String text) {
            try {
                return parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
