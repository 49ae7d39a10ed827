package dev.narsil.gateway.kubo;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a daemon announces to the network, the value of {@value #KEY}: words with {@code +} between them. Announcing a
 * block costs some 20 messages a day, and a large store has millions, so Narsil wants only the roots of files and
 * manifests announced.
 *
 * @param text the value; empty is {@code all}
 */
public record ProvideStrategy(String text) {

    /** Its name in the configuration. */
    public static final String KEY = "Provide.Strategy";

    /** Manifests and NARs that are pinned, but not the blocks they are made of. */
    public static final ProvideStrategy ROOTS_OF_FILES = new ProvideStrategy("pinned+entities");

    /** Returns that of a configuration, which may have none. */
    public static ProvideStrategy of(Optional<String> configured) {
        return new ProvideStrategy(configured.orElse(""));
    }

    /**
     * Tells whether single blocks are announced, as Kubo does unless it is told otherwise; also of words that are not
     * known.
     */
    public boolean announcesBlocks() {
        List<String> words = Arrays.asList(text.split("\\+", -1));
        boolean bounded = words.contains("entities") && (words.contains("pinned") || words.contains("mfs"));
        return !(bounded || words.equals(List.of("roots")));
    }
}
