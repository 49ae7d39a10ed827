package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StorePath;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PathMergeTest {

    private static final StorePath A = path("a");
    private static final StorePath B = path("b");
    private static final Sha256 HASH = Sha256.hash(new byte[] {1});

    @Test
    void merged_sameNar_addsSignaturesAndKeepsWhatIsStored() {
        PathInfo stored = info("hex", List.of(B, A), "d-stored.drv", null, List.of("k:1", "k:2"), List.of());
        PathInfo published = info(null, List.of(A, B), "d-new.drv", "ca", List.of("k:3", "k:2"), List.of("X: y"));
        assertThat(PathMerge.conflict(stored, published)).isNull();
        assertThat(PathMerge.merged(stored, published))
                .isEqualTo(info(
                        "hex", List.of(B, A), "d-stored.drv", "ca", List.of("k:1", "k:2", "k:3"), List.of("X: y")));
    }

    @Test
    void merged_withItself_isItself() {
        PathInfo stored = info(null, List.of(A), "d.drv", "ca", List.of("k:1"), List.of("X: y"));
        assertThat(PathMerge.merged(stored, stored)).isEqualTo(stored);
    }

    @Test
    void conflict_otherNarOrReferences_isTold() {
        PathInfo stored = info(null, List.of(A), null, null, List.of(), List.of());
        PathInfo otherReferences = info(null, List.of(A, B), null, null, List.of(), List.of());
        assertThat(PathMerge.conflict(stored, otherReferences)).contains("other references");
        assertThat(PathMerge.conflict(stored, of(A, Sha256.hash(new byte[] {2}), 3)))
                .contains("NarHash", HASH.toString());
        assertThat(PathMerge.conflict(stored, of(A, HASH, 4))).contains("NarSize", "3");
        assertThat(PathMerge.conflict(stored, of(B, HASH, 3))).contains(A.toString());
    }

    @Test
    void keeping_anything_addsSignaturesButChangesNothingElse() {
        PathInfo known = info(null, List.of(A), "d.drv", null, List.of("k:1"), List.of());
        PathInfo signed = info(null, List.of(A), null, null, List.of("k:2"), List.of());
        PathInfo other = of(A, Sha256.hash(new byte[] {2}), 3);
        assertThat(PathMerge.keeping(null, signed)).isEqualTo(signed);
        assertThat(PathMerge.keeping(known, signed).signatures()).containsExactly("k:1", "k:2");
        assertThat(PathMerge.keeping(known, other)).isEqualTo(known);
        List<String> many = IntStream.range(0, PathMerge.MAX_SIGNATURES)
                .mapToObj(i -> "m:" + i)
                .toList();
        assertThat(PathMerge.keeping(known, PathMerge.withSignatures(signed, many)))
                .isEqualTo(known);
    }

    @Test
    void withSignatures_someThere_addsTheOthersOnce() {
        PathInfo info = info(null, List.of(), null, null, List.of("a:1"), List.of());
        PathInfo signed = PathMerge.withSignatures(info, List.of("b:1", "a:1", "b:1"));
        assertThat(signed.signatures()).containsExactly("a:1", "b:1");
        assertThat(PathMerge.withSignatures(signed, List.of("b:1"))).isEqualTo(signed);
    }

    private static PathInfo of(StorePath path, Sha256 hash, long size) {
        return new PathInfo(path, hash, null, size, List.of(A), null, null, List.of(), null, List.of());
    }

    private static PathInfo info(
            @Nullable String hashText,
            List<StorePath> references,
            @Nullable String deriver,
            @Nullable String contentAddress,
            List<String> signatures,
            List<String> extraLines) {
        return new PathInfo(A, HASH, hashText, 3, references, deriver, null, signatures, contentAddress, extraLines);
    }

    private static StorePath path(String name) {
        return StorePath.parseBaseName("9n4c3zysg0zr27gw3a8kfp6xfa8zk6gz-" + name);
    }
}
