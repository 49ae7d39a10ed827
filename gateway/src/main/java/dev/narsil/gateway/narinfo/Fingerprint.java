package dev.narsil.gateway.narinfo;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.StringJoiner;
import java.util.TreeSet;

/**
 * The bytes a signature of a path covers: {@code 1;<StorePath>;<NarHash>;<NarSize>;<references>}, with the hash in
 * nix-base32
 * whatever the narinfo has (Nix {@code ValidPathInfo::fingerprint}).
 */
public final class Fingerprint {

    private Fingerprint() {}

    /** Returns the fingerprint with the references sorted and each once, as Nix signs and verifies. */
    public static byte[] sorted(PathInfo info, StoreDir storeDir) {
        return of(info, storeDir, new TreeSet<>(info.references()));
    }

    /**
     * Returns the fingerprint with the references as the narinfo has them; some of 2015 are signed like this,
     * unsorted.
     */
    public static byte[] asGiven(PathInfo info, StoreDir storeDir) {
        return of(info, storeDir, info.references());
    }

    private static byte[] of(PathInfo info, StoreDir storeDir, Collection<StorePath> references) {
        StringJoiner joined = new StringJoiner(",");
        references.forEach(reference -> joined.add(reference.in(storeDir)));
        String text = "1;" + info.path().in(storeDir) + ";" + info.narHash() + ";" + info.narSize() + ";" + joined;
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
