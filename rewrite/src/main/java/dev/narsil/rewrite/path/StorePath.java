package dev.narsil.rewrite.path;

/**
 * A path in the store, without its store directory. Ordered by base name, which is the order Nix signs references in.
 *
 * @param digest its hash part
 * @param name 1 to 211 characters of {@code [0-9A-Za-z+._?=-]}
 */
public record StorePath(Digest digest, String name) implements Comparable<StorePath> {

    /** Longest name Nix allows. */
    public static final int MAX_NAME_LENGTH = 211;

    public StorePath {
        if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
            throw new IllegalArgumentException(
                    "the name of a store path has 1 to 211 characters, not " + name.length());
        }
        for (int i = 0; i < name.length(); i++) {
            if (!isNameCharacter(name.charAt(i))) {
                throw new IllegalArgumentException(
                        "character " + i + " of the name of a store path is not one of [0-9A-Za-z+._?=-]");
            }
        }
    }

    /**
     * Reads {@code <digest>-<name>}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static StorePath parseBaseName(String baseName) {
        if (baseName.length() <= Digest.LENGTH + 1 || baseName.charAt(Digest.LENGTH) != '-') {
            throw new IllegalArgumentException(
                    "a store path is 32 characters, '-' and a name: '" + abbreviate(baseName) + "'");
        }
        return new StorePath(Digest.parse(baseName.substring(0, Digest.LENGTH)), baseName.substring(Digest.LENGTH + 1));
    }

    /**
     * Reads {@code <store dir>/<digest>-<name>}.
     *
     * @throws IllegalArgumentException if the text is anything else
     */
    public static StorePath parse(StoreDir storeDir, String path) {
        String prefix = storeDir.path() + "/";
        if (!path.startsWith(prefix)) {
            throw new IllegalArgumentException("not a path in " + storeDir + ": '" + abbreviate(path) + "'");
        }
        return parseBaseName(path.substring(prefix.length()));
    }

    /** Returns {@code <digest>-<name>}. */
    public String baseName() {
        return digest + "-" + name;
    }

    /** Returns the full path in {@code storeDir}. */
    public String in(StoreDir storeDir) {
        return storeDir.path() + "/" + baseName();
    }

    @Override
    public int compareTo(StorePath other) {
        int order = digest.compareTo(other.digest);
        return order != 0 ? order : name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return baseName();
    }

    private static boolean isNameCharacter(char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || "+-._?=".indexOf(c) >= 0;
    }

    private static String abbreviate(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }
}
