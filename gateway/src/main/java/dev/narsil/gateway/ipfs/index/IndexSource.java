package dev.narsil.gateway.ipfs.index;

import dev.narsil.gateway.source.HttpUrls;
import java.net.URI;
import java.util.regex.Pattern;

/** Where an index is. Its text is what a user gives, without what makes no difference. */
public sealed interface IndexSource {

    /** Folder of indexes on a web server. */
    String FOLDER = "narsil-index/";

    /** Name of the root there. */
    String ROOT = "root";

    /**
     * On a web server.
     *
     * @param cache the URL of the cache, with a slash at its end
     */
    record Http(URI cache) implements IndexSource {

        URI file(String name) {
            return cache.resolve(FOLDER + name);
        }

        @Override
        public String toString() {
            String text = cache.toString();
            return text.substring(0, text.length() - 1);
        }
    }

    /**
     * Where an IPNS name or a DNSLink says.
     *
     * @param name the name, {@code k51...} or a domain
     */
    record Ipns(String name) implements IndexSource {
        @Override
        public String toString() {
            return "/ipns/" + name;
        }
    }

    /**
     * Reads the URL of a cache, or {@code /ipns/<name>}, {@code ipns://<name>} or a name alone.
     *
     * @throws IllegalArgumentException if it is none of these, or has credentials or a query in it
     */
    static IndexSource parse(String text) {
        if (text.startsWith("http://") || text.startsWith("https://")) {
            if (text.indexOf('@') >= 0 || text.indexOf('?') >= 0 || text.indexOf('#') >= 0) {
                throw new IllegalArgumentException("the URL of an index has no credentials, query or fragment");
            }
            return new Http(HttpUrls.root(text));
        }
        String name = text.startsWith("/ipns/")
                ? text.substring("/ipns/".length())
                : text.startsWith("ipns://") ? text.substring("ipns://".length()) : text;
        if (!Names.FORM.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is neither the URL of a cache nor an IPNS name or a domain with a DNSLink");
        }
        return new Ipns(name);
    }

    /** What names look like. */
    final class Names {
        private static final Pattern FORM = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{1,250})[A-Za-z0-9]");

        private Names() {}
    }
}
