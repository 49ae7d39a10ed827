package dev.narsil.gateway.upload;

import dev.narsil.blockstore.PathInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a path that is uploaded once more.
 *
 * <p>Signatures add up: those that are stored first, in their order. Of what signatures cover, the stored form stays, as they may
 * cover its very spelling. Of what they do not cover (deriver, system, content address, lines that Nix does not know) the stored
 * value stays too, and one that was missing is taken.
 */
final class PathMerge {

    private PathMerge() {}

    /** Tells why both cannot be said of one path; null if they can. */
    static @Nullable String conflict(PathInfo stored, PathInfo uploaded) {
        if (!stored.path().equals(uploaded.path())) {
            return "the path is " + stored.path() + " here";
        }
        if (!stored.narHash().equals(uploaded.narHash())) {
            return "the NarHash of " + stored.path() + " is " + stored.narHash() + " here";
        }
        if (stored.narSize() != uploaded.narSize()) {
            return "the NarSize of " + stored.path() + " is " + stored.narSize() + " here";
        }
        if (!new HashSet<>(stored.references()).equals(new HashSet<>(uploaded.references()))) {
            return stored.path() + " has other references here";
        }
        return null;
    }

    /** Returns what is known of the path afterwards. */
    static PathInfo merged(PathInfo stored, PathInfo uploaded) {
        Set<String> signatures = new LinkedHashSet<>(stored.signatures());
        signatures.addAll(uploaded.signatures());
        return new PathInfo(
                stored.path(),
                stored.narHash(),
                stored.narHashText(),
                stored.narSize(),
                stored.references(),
                or(stored.deriver(), uploaded.deriver()),
                or(stored.system(), uploaded.system()),
                List.copyOf(signatures),
                or(stored.contentAddress(), uploaded.contentAddress()),
                stored.extraLines().isEmpty() ? uploaded.extraLines() : stored.extraLines());
    }

    /** Returns the path with signatures that it did not have before. */
    static PathInfo withSignatures(PathInfo info, List<String> added) {
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

    private static @Nullable String or(@Nullable String stored, @Nullable String uploaded) {
        return stored == null ? uploaded : stored;
    }
}
