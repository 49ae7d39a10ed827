package dev.narsil.blockstore;

import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StorePath;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a narinfo says of a store path, without the fields that tell how its NAR is fetched ({@code URL}, {@code Compression},
 * {@code FileHash}, {@code FileSize}).
 *
 * @param path the store path
 * @param narHash hash of its NAR
 * @param narHashText the value of {@code NarHash} where it is not {@code narHash.toString()} (old caches hold hex), else null
 * @param narSize length of its NAR in bytes
 * @param references in the order the narinfo gave, which a signature may cover
 * @param deriver the value of {@code Deriver}, or null
 * @param system the value of {@code System}, or null
 * @param signatures the values of {@code Sig}, verbatim and in order
 * @param contentAddress the value of {@code CA}, or null
 * @param extraLines lines with fields this program does not know, verbatim and in order, without line ends
 */
public record PathInfo(
        StorePath path,
        Sha256 narHash,
        @Nullable String narHashText,
        long narSize,
        List<StorePath> references,
        @Nullable String deriver,
        @Nullable String system,
        List<String> signatures,
        @Nullable String contentAddress,
        List<String> extraLines) {

    public PathInfo {
        references = List.copyOf(references);
        signatures = List.copyOf(signatures);
        extraLines = List.copyOf(extraLines);
    }
}
