package dev.narsil.gateway.upstream;

import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.source.HttpUrls;
import dev.narsil.gateway.source.PercentCoding;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A binary cache on a web server that is asked for what is not stored, and what is believed of it.
 *
 * @param root its URL without credentials and parameters, with a slash at its end
 * @param authorization the value of that header, from the credentials in the URL, or null; never shown
 * @param priority lower is asked first
 * @param trustedKeys whose signatures make a narinfo of this cache count
 * @param trustUnsigned whether narinfos of this cache count whatever their signatures
 */
public record UpstreamOptions(
        URI root, @Nullable String authorization, int priority, List<PublicKey> trustedKeys, boolean trustUnsigned) {

    /** Priority of a cache that is given none, as that of cache.nixos.org. */
    public static final int DEFAULT_PRIORITY = 40;

    /** Highest number a priority can be. */
    static final int MAX_PRIORITY = 1_000_000;

    /** Most trusted keys of one cache. */
    static final int MAX_KEYS = 32;

    /** The cache of the NixOS project, with its key. */
    public static final UpstreamOptions DEFAULT = new UpstreamOptions(
            HttpUrls.root("https://cache.nixos.org"),
            null,
            DEFAULT_PRIORITY,
            List.of(PublicKey.CACHE_NIXOS_ORG),
            false);

    /** What a URL begins with that has credentials. */
    private static final Pattern CREDENTIALS = Pattern.compile("^(https?://)[^/?#]*@", Pattern.CASE_INSENSITIVE);

    private static final int MAX_NAME_TOLD = 40;

    public UpstreamOptions {
        trustedKeys = List.copyOf(trustedKeys);
    }

    /**
     * Reads {@code URL[?priority=N&trusted-key=NAME:KEY&trust-unsigned=true]}. Parameters are percent-decoded only, so
     * that {@code +} is a plus; there may be several trusted keys.
     *
     * @throws IllegalArgumentException if it is anything else, or says of no key and not of {@code trust-unsigned} that
     *     it is to be trusted; the message has no credentials
     */
    public static UpstreamOptions parse(String text) {
        if (!text.startsWith("http://") && !text.startsWith("https://")) {
            throw new IllegalArgumentException("an upstream is http://... or https://...");
        }
        if (text.indexOf('#') >= 0) {
            throw new IllegalArgumentException("the URL of an upstream has no '#'");
        }
        int question = text.indexOf('?');
        String url = question < 0 ? text : text.substring(0, question);
        URI root = HttpUrls.root(url);
        String userInfo = HttpUrls.userInfo(url);
        Parameters parameters = new Parameters();
        if (question >= 0) {
            for (String parameter : text.substring(question + 1).split("&", -1)) {
                parameters.read(parameter);
            }
        }
        if (parameters.keys.isEmpty() && !parameters.trustUnsigned) {
            throw new IllegalArgumentException("nothing says whose signatures to trust of " + described(root)
                    + ": add '?trusted-key=NAME:KEY' with its public key, or '?trust-unsigned=true' to believe it");
        }
        return new UpstreamOptions(
                root,
                userInfo == null
                        ? null
                        : "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8)),
                parameters.priority == null ? DEFAULT_PRIORITY : parameters.priority,
                parameters.keys,
                parameters.trustUnsigned);
    }

    /** Tells whether a text that {@link #parse} may refuse has credentials in its URL. */
    public static boolean hasCredentials(String text) {
        return CREDENTIALS.matcher(text).lookingAt();
    }

    /** Returns such a text as it may be shown: without the credentials. */
    public static String withoutCredentials(String text) {
        return CREDENTIALS.matcher(text).replaceFirst("$1***@");
    }

    /** Returns its URL without credentials and without a slash at its end. */
    public String url() {
        return described(root);
    }

    private static String described(URI root) {
        String text = root.toString();
        return text.substring(0, text.length() - 1);
    }

    /** Returns all but the credentials. */
    @Override
    public String toString() {
        return url() + " priority " + priority
                + (trustUnsigned ? ", trusted unsigned" : ", trusted keys " + trustedKeys);
    }

    /** The parameters of one URL, as far as they were read. */
    private static final class Parameters {

        private final List<PublicKey> keys = new ArrayList<>();
        private @Nullable Integer priority;
        private boolean trustUnsigned;

        void read(String parameter) {
            int equals = parameter.indexOf('=');
            String name = PercentCoding.decode(equals < 0 ? parameter : parameter.substring(0, equals));
            String value = equals < 0 ? "" : PercentCoding.decode(parameter.substring(equals + 1));
            switch (name) {
                case "priority" -> {
                    if (priority != null) {
                        throw new IllegalArgumentException("an upstream has one 'priority'");
                    }
                    priority = readPriority(value);
                }
                case "trusted-key" -> {
                    if (keys.size() == MAX_KEYS) {
                        throw new IllegalArgumentException("an upstream has at most " + MAX_KEYS + " trusted keys");
                    }
                    keys.add(PublicKey.parse(value));
                }
                case "trust-unsigned" ->
                    trustUnsigned = switch (value) {
                        case "true" -> true;
                        case "false" -> false;
                        default ->
                            throw new IllegalArgumentException("'trust-unsigned' of an upstream is 'true' or 'false'");
                    };
                default ->
                    throw new IllegalArgumentException("unknown parameter '" + told(name)
                            + "' of an upstream; there are priority, trusted-key and trust-unsigned");
            }
        }

        private static int readPriority(String value) {
            if (value.isEmpty() || value.length() > 7 || !value.chars().allMatch(c -> c >= '0' && c <= '9')) {
                throw new IllegalArgumentException(
                        "the 'priority' of an upstream is a number from 0 to " + MAX_PRIORITY);
            }
            return Math.min(MAX_PRIORITY, Integer.parseInt(value));
        }

        private static String told(String name) {
            String printable = name.replaceAll("[^ -~]", "?");
            return printable.length() <= MAX_NAME_TOLD ? printable : printable.substring(0, MAX_NAME_TOLD) + "...";
        }
    }
}
