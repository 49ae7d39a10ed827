package dev.narsil.blockstore.ipfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.dagcbor.CborTree;
import dev.narsil.blockstore.testing.Golden;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Manifests, against blocks made from the specification. */
class ManifestTest {

    private static final String CA = "fixed:r:sha256:1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s";

    private static StorePath path(String name) {
        return new StorePath(TestStore.digest(name), name);
    }

    private static Manifest full() throws IOException {
        byte[] signature = new byte[64];
        for (int i = 0; i < signature.length; i++) {
            signature[i] = (byte) i;
        }
        return new Manifest(
                StoreDir.DEFAULT,
                path("golden"),
                Sha256.parse("sha256:fcf506a6eec1566178f80b5937f1f64389cbdab9be75e434729a87b0f39c8955"),
                470_072,
                List.of(path("c"), path("a"), path("golden")),
                path("golden.drv").baseName(),
                List.of("cache.example.org-1:" + Base64.getEncoder().encodeToString(signature), "odd"),
                CA,
                Cid.parse("bafybeiap32i5yrm5iovzui6fpykixemphcsicgca26zolyg2t5qs2jqp5m"));
    }

    private static Manifest minimal() {
        return new Manifest(
                new StoreDir("/gnu/store"),
                path("m"),
                Sha256.of(new byte[32]),
                0,
                List.of(),
                null,
                List.of(),
                null,
                Cid.hash(Codec.RAW, new byte[0]));
    }

    private static byte[] golden(String name) throws IOException {
        return Golden.load(ManifestTest.class, name);
    }

    @Test
    void manifest_golden_isReadAndWritten() throws IOException {
        assertThat(full().encode()).isEqualTo(golden("manifest-full"));
        assertThat(Manifest.decode(golden("manifest-full"))).isEqualTo(full());
        assertThat(Manifest.cid(full().encode()))
                .hasToString("bafyreiffefrhhmfmf4o2si4cm5r3ahh6y7sjkk6kajf655tz3hebeu4isq");
        assertThat(minimal().encode()).isEqualTo(golden("manifest-minimal"));
        assertThat(Manifest.decode(golden("manifest-minimal"))).isEqualTo(minimal());
    }

    @Test
    void manifest_ofAPathInfo_givesItBack() throws IOException {
        PathInfo info = full().toPathInfo();
        assertThat(Manifest.of(StoreDir.DEFAULT, info, full().nar())).isEqualTo(full());
        PathInfo more = new PathInfo(
                info.path(),
                info.narHash(),
                "sha256:" + info.narHash().toHex(),
                info.narSize(),
                info.references(),
                info.deriver(),
                "x86_64-linux",
                info.signatures(),
                info.contentAddress(),
                List.of("Other: line"));
        assertThat(Manifest.of(StoreDir.DEFAULT, more, full().nar())).isEqualTo(full());
    }

    @Test
    void manifest_shortened_isRefused() throws IOException {
        for (String name : new String[] {"manifest-full", "manifest-minimal"}) {
            byte[] block = golden(name);
            for (int length = 0; length < block.length; length++) {
                byte[] cut = Arrays.copyOf(block, length);
                assertThatThrownBy(() -> Manifest.decode(cut))
                        .as("cut to %d", length)
                        .isInstanceOf(FormatException.class)
                        .hasMessageStartingWith("manifest is ");
            }
            assertRefused(Arrays.copyOf(block, block.length + 1), "left over");
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, @Nullable Object> entries() throws IOException {
        return (Map<String, @Nullable Object>) Objects.requireNonNull(CborTree.read(golden("manifest-full")));
    }

    private static void assertRefused(byte[] block, String reason) {
        assertThatThrownBy(() -> Manifest.decode(block))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(reason);
    }

    private static void assertRefusedWith(String key, @Nullable Object value, String reason) throws IOException {
        Map<String, @Nullable Object> entries = entries();
        entries.replace(key, value);
        assertRefused(CborTree.write(entries), reason);
    }

    @Test
    void manifest_withAWrongEntry_isRefused() throws IOException {
        assertRefusedWith("v", 0L, "version 0");
        assertRefusedWith("v", -1L, "negative");
        assertRefusedWith("v", "1", "a text where an integer was expected");
        assertRefusedWith("ca", null, "a simple value where a text");
        assertRefusedWith("nar", "bafkqaaa", "a text where a tag");
        assertRefusedWith("path", path("golden").baseName(), "a store directory is");
        assertRefusedWith("path", "/nix/store/golden", "a store path is 32 characters");
        assertRefusedWith("path", "/nix/store//" + path("golden").baseName(), "a store directory is");
        assertRefusedWith("path", "/nix/store/" + path("golden").baseName() + "/bin", "a store path is");
        assertRefusedWith("refs", List.of("/nix/store/" + path("a").baseName()), "a store path is");
        assertRefusedWith("refs", List.of(1L), "an integer where a text");
        assertRefusedWith("sigs", "odd", "a text where an array");
        assertRefusedWith("deriver", List.of(), "an array where a text");
        assertRefusedWith("narHash", new byte[31], "a hash of 31 bytes");
        assertRefusedWith("narHash", new byte[33], "a hash of 33 bytes");
        assertRefusedWith("narSize", -1L, "a size is negative");
    }

    @Test
    void manifest_withoutAnEntry_isRefused_butForThoseThatMayBeMissing() throws IOException {
        for (String key : List.copyOf(entries().keySet())) {
            Map<String, @Nullable Object> entries = entries();
            entries.remove(key);
            byte[] block = CborTree.write(entries);
            if (key.equals("ca") || key.equals("deriver")) {
                assertThat(Manifest.decode(block).encode()).isEqualTo(block);
            } else {
                assertRefused(block, "is missing, or is not the next");
            }
        }
    }

    @Test
    void manifest_withAnotherEntry_isRefused() throws IOException {
        for (String key : new String[] {"", "zz", "aaaa", "narSizf", "a longer one"}) {
            Map<String, @Nullable Object> entries = new LinkedHashMap<>();
            for (Map.Entry<String, @Nullable Object> entry : entries().entrySet()) {
                boolean before = key.length() == entry.getKey().length()
                        ? key.compareTo(entry.getKey()) < 0
                        : key.length() < entry.getKey().length();
                if (before) {
                    entries.putIfAbsent(key, 1L);
                }
                entries.put(entry.getKey(), entry.getValue());
            }
            entries.putIfAbsent(key, 1L);
            assertRefused(CborTree.write(entries), "entry");
        }
    }

    @Test
    void manifest_ofANewerVersion_isRefusedAsSuch() {
        Map<String, @Nullable Object> entries = new LinkedHashMap<>(Map.of("v", 2L));
        entries.put("something", "else");
        assertThatThrownBy(() -> Manifest.decode(CborTree.write(entries)))
                .isInstanceOfSatisfying(
                        FormatException.class,
                        e -> assertThat(e.isNewerVersion()).isTrue())
                .hasMessageContaining("manifest is of a newer version: 2");
    }

    @Test
    void manifest_tooLarge_isRefused() throws IOException {
        Manifest full = full();
        Manifest large = new Manifest(
                full.storeDir(),
                full.path(),
                full.narHash(),
                full.narSize(),
                Collections.nCopies(30_000, path("a")),
                null,
                List.of(),
                null,
                full.nar());
        assertThatThrownBy(large::encode).isInstanceOf(IllegalArgumentException.class);
        assertRefused(new byte[Manifest.MAX_BYTES + 1], "it has 1048577 bytes");
        assertThatThrownBy(() -> new Manifest(
                        full.storeDir(), full.path(), full.narHash(), -1, List.of(), null, List.of(), null, full.nar()))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
