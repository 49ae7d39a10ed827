package dev.narsil.gateway.replicas;

import dev.narsil.gateway.source.HttpUrls;
import dev.narsil.gateway.source.PercentCoding;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Somebody who can be asked to keep copies.
 *
 * @param kind which API it speaks
 * @param name 1 to 64 characters of {@code A-Z a-z 0-9 . _ -}
 * @param root its API, with a slash at the end
 * @param secretFile what it wants as authorization; null for nothing
 * @param gateway a trustless gateway that has what it keeps and fetches nothing, with a slash at the end; null for none
 */
public record DonorOptions(
        Kind kind,
        String name,
        URI root,
        @Nullable Path secretFile,
        @Nullable URI gateway) {

    /** An API. */
    public enum Kind {
        /** The IPFS Pinning Service API. */
        PIN_SERVICE,
        /** The REST API of ipfs-cluster. */
        CLUSTER
    }

    /** Most donors of a kind. */
    static final int MAX_DONORS = 100;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /**
     * Reads {@code NAME=URL[?key-file=FILE&gateway=URL]}, in which parameters are percent-decoded.
     *
     * @param folder what a relative file is relative to
     * @throws IllegalArgumentException if it is anything else; the message has no credentials
     */
    public static DonorOptions parse(Kind kind, String text, Path folder) {
        int equals = text.indexOf('=');
        String name = equals < 0 ? "" : text.substring(0, equals);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("a donor is NAME=URL[?key-file=FILE&gateway=URL]");
        }
        String rest = text.substring(equals + 1);
        int question = rest.indexOf('?');
        Path file = null;
        URI gateway = null;
        for (String parameter :
                question < 0 ? new String[0] : rest.substring(question + 1).split("&", -1)) {
            if (parameter.startsWith("key-file=") && file == null) {
                file = folder.resolve(PercentCoding.decode(parameter.substring("key-file=".length())))
                        .normalize();
            } else if (parameter.startsWith("gateway=") && gateway == null) {
                gateway = url(name, PercentCoding.decode(parameter.substring("gateway=".length())));
            } else {
                throw new IllegalArgumentException(name + ": a donor has one key-file and one gateway, and no more");
            }
        }
        return new DonorOptions(
                kind, name, url(name, question < 0 ? rest : rest.substring(0, question)), file, gateway);
    }

    private static URI url(String name, String text) {
        if (!text.startsWith("http://") && !text.startsWith("https://")) {
            throw new IllegalArgumentException(name + ": a donor is at http://... or https://...");
        }
        URI root = HttpUrls.root(text);
        if (HttpUrls.userInfo(text) != null || text.indexOf('#') >= 0) {
            throw new IllegalArgumentException(name + ": secrets of donors belong into a key-file, not into a URL");
        }
        return root;
    }

    /** Reads a list; throws IllegalArgumentException also if two have one name. */
    public static List<DonorOptions> parseAll(Kind kind, List<String> texts, Path folder) {
        if (texts.size() > MAX_DONORS) {
            throw new IllegalArgumentException("at most " + MAX_DONORS + " donors");
        }
        List<DonorOptions> all =
                texts.stream().map(text -> parse(kind, text, folder)).toList();
        requireNames(all);
        return all;
    }

    /** Throws IllegalArgumentException if two have one name. */
    public static void requireNames(List<DonorOptions> donors) {
        Set<String> names = new HashSet<>();
        for (DonorOptions donor : donors) {
            if (!names.add(donor.name())) {
                throw new IllegalArgumentException("the donor " + donor.name() + " is there twice");
            }
        }
    }
}
