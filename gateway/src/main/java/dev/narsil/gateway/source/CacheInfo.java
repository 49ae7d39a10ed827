package dev.narsil.gateway.source;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The contents of {@code nix-cache-info}.
 *
 * @param storeDir the store directory of the paths in the cache, or null where it is not said
 * @param wantMassQuery whether clients may ask for many paths at once
 * @param priority lower is preferred; 0 where it is not said
 */
public record CacheInfo(@Nullable String storeDir, boolean wantMassQuery, int priority) {

    /** Name of the file, at the root of the cache. */
    static final String FILE_NAME = "nix-cache-info";

    /** Longest text that is read, in bytes. */
    static final int MAX_BYTES = 64 << 10;

    /**
     * Reads the text as Nix does (all versions): lines without a colon and unknown names are skipped, values are
     * trimmed, the
     * last one wins.
     *
     * @throws SourceException if {@code Priority} is not a number
     */
    static CacheInfo parse(byte[] text) throws SourceException {
        String storeDir = null;
        boolean wantMassQuery = false;
        int priority = 0;
        for (String line : new String(text, StandardCharsets.ISO_8859_1).split("\n", -1)) {
            int colon = line.indexOf(':');
            String value = line.substring(colon + 1).strip();
            switch (colon < 0 ? "" : line.substring(0, colon)) {
                case "StoreDir" -> storeDir = value;
                case "WantMassQuery" -> wantMassQuery = value.equals("1");
                case "Priority" -> {
                    try {
                        priority = Integer.parseInt(value);
                    } catch (NumberFormatException e) {
                        throw new SourceException("Priority in " + FILE_NAME + " is not a number", e);
                    }
                }
                default -> {}
            }
        }
        return new CacheInfo(storeDir, wantMassQuery, priority);
    }
}
