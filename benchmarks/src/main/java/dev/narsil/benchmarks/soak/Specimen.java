package dev.narsil.benchmarks.soak;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.narinfo.Fingerprint;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.util.List;
import java.util.stream.Stream;

/**
 * A store path that was made up, and its NAR.
 *
 * @param number that it is a function of
 * @param nar bytes of its NAR; not to be changed
 */
record Specimen(long number, StorePath path, List<StorePath> references, byte[] nar, Sha256 narHash) {

    /** Who has a specimen to begin with, which its number tells. */
    enum Origin {
        /** Both upstreams. */
        BOTH,
        /** Only the upstream behind the flaky proxy. */
        FLAKY,
        /** Nobody: it is uploaded. */
        CLIENT,
        /** Nobody ever. */
        NOBODY;

        /** Returns the number of its {@code index}-th specimen. */
        long number(long index) {
            return index * values().length + ordinal();
        }

        static Origin of(long number) {
            return values()[(int) (number % values().length)];
        }
    }

    Origin origin() {
        return Origin.of(number);
    }

    /** Returns what is known of the path, signed with these keys. */
    PathInfo info(SecretKey... keys) {
        PathInfo unsigned =
                new PathInfo(path, narHash, null, nar.length, references, null, null, List.of(), null, List.of());
        byte[] fingerprint = Fingerprint.sorted(unsigned, StoreDir.DEFAULT);
        List<String> signatures =
                Stream.of(keys).map(key -> key.sign(fingerprint).toString()).toList();
        return new PathInfo(path, narHash, null, nar.length, references, null, null, signatures, null, List.of());
    }

    /** Its URL when it is served by Narsil. */
    String url() {
        return "/nar/" + narHash.toBase32() + ".nar";
    }

    /** The URL of its narinfo. */
    String narInfoUrl() {
        return "/" + path.digest() + ".narinfo";
    }
}
