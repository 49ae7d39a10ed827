package dev.narsil.rewrite.path;

import java.nio.charset.StandardCharsets;

/**
 * The directory store paths lie in, such as {@code /nix/store}. It is hashed into every digest, so a store holds paths
 * of one store directory only.
 *
 * @param path absolute, printable ASCII, without a trailing slash, empty or dotted parts
 */
public record StoreDir(String path) {

    /** {@code /nix/store}. */
    public static final StoreDir DEFAULT = new StoreDir("/nix/store");

    private static final int MAX_LENGTH = 255;

    public StoreDir {
        if (path.length() < 2 || path.length() > MAX_LENGTH || !path.startsWith("/") || path.endsWith("/")) {
            throw new IllegalArgumentException(
                    "a store directory is an absolute path of 2 to 255 characters without a trailing slash: '" + path
                            + "'");
        }
        for (String part : path.substring(1).split("/", -1)) {
            if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                throw new IllegalArgumentException("a store directory has no empty, '.' or '..' part: '" + path + "'");
            }
        }
        if (!path.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("a store directory is printable ASCII: '" + path + "'");
        }
    }

    /** Returns what stands before the digest of every store path: the path and a slash, as ASCII. */
    public byte[] prefix() {
        return (path + "/").getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return path;
    }
}
