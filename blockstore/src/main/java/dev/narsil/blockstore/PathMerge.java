package dev.narsil.blockstore;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a path that is published once more.
 *
 * <p>Signatures add up: those that are stored first, in their order. Of what signatures cover, the stored form stays, as they may
 * cover its very spelling. Of what they do not cover (deriver, system, content address, lines that Nix does not know) the stored
 * value stays too, and one that was missing is taken.
 */
public final class PathMerge {

    /** Most signatures of a path that come together. */
    public static final int MAX_SIGNATURES = 128;

    private PathMerge() {}

    /**
     * The {@link PathRule} of those who bring a path from elsewhere: the first one who publishes it is right. Signatures are
     * added up to {@link #MAX_SIGNATURES}; where both cannot be said of one path, what is known stays.
     */
    public static PathInfo keeping(@Nullable PathInfo known, PathInfo published) {
        if (known == null) {
            return published;
        }
        if (conflict(known, published) != null) {
            return known;
        }
        PathInfo merged = merged(known, published);
        return merged.signatures().size() > MAX_SIGNATURES ? known : merged;
    }

    /** Tells why both cannot be said of one path; null if they can. */
    public static @Nullable String conflict(PathInfo stored, PathInfo published) {
        if (!stored.path().equals(published.path())) {
            return "the path is " + stored.path() + " here";
        }
        if (!stored.narHash().equals(published.narHash())) {
            return "the NarHash of " + stored.path() + " is " + stored.narHash() + " here";
        }
        if (stored.narSize() != published.narSize()) {
            return "the NarSize of " + stored.path() + " is " + stored.narSize() + " here";
        }
        if (!new HashSet<>(stored.references()).equals(new HashSet<>(published.references()))) {
            return stored.path() + " has other references here";
        }
        return null;
    }

    /** Returns what is known of the path afterwards. */
    public static PathInfo merged(PathInfo stored, PathInfo published) {
        Set<String> signatures = new LinkedHashSet<>(stored.signatures());
        signatures.addAll(published.signatures());
        return new PathInfo(
                stored.path(),
                stored.narHash(),
                stored.narHashText(),
                stored.narSize(),
                stored.references(),
                or(stored.deriver(), published.deriver()),
                or(stored.system(), published.system()),
                List.copyOf(signatures),
                or(stored.contentAddress(), published.contentAddress()),
                stored.extraLines().isEmpty() ? published.extraLines() : stored.extraLines());
    }

    /** Returns the path with signatures that it did not have before. */
    public static PathInfo withSignatures(PathInfo info, List<String> added) {
        List<String> signatures = new ArrayList<>(info.signatures());
        added.stream().filter(signature -> !signatures.contains(signature)).forEach(signatures::add);
        return new PathInfo(
                info.path(),
                info.narHash(),
                info.narHashText(),
                info.narSize(),
                info.references(),
                info.deriver(),
                info.system(),
                signatures,
                info.contentAddress(),
                info.extraLines());
    }

    private static @Nullable String or(@Nullable String stored, @Nullable String published) {
        return stored == null ? published : stored;
    }
}
