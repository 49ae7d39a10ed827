package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.blockstore.testing.Golden;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StorePath;
import dev.narsil.rewrite.strip.SlotTable;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The stored forms, against records made from the specification. */
class FormatTest {

    private static final Sha256 NAR = Sha256.hash(Nars.ascii("nar"));

    private static byte[] golden(String name) throws IOException {
        return Golden.load(FormatTest.class, name);
    }

    private static Digest digest(int number) {
        byte[] bytes = new byte[Digest.BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (16 * number + i);
        }
        return Digest.of(bytes, 0);
    }

    @Test
    void location_golden_isReadAndWritten() throws IOException {
        BlockLocation location = new BlockLocation(0x0102030405L, 70_000, 32_768);
        assertThat(BlockLocation.decode(golden("location"))).isEqualTo(location);
        assertThat(location.encode()).isEqualTo(golden("location"));
        BlockLocation zero = new BlockLocation(0, 0, 1);
        assertThat(BlockLocation.decode(golden("location-zero"))).isEqualTo(zero);
        assertThat(zero.encode()).isEqualTo(golden("location-zero"));
    }

    @Test
    void location_anyNumberOfPack_comesBack() throws IOException {
        for (int shift = 0; shift < 63; shift++) {
            for (long pack : new long[] {1L << shift, (1L << shift) - 1, Long.MAX_VALUE >>> shift}) {
                BlockLocation location = new BlockLocation(pack, Integer.MAX_VALUE, Integer.MAX_VALUE);
                assertThat(BlockLocation.decode(location.encode())).isEqualTo(location);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "0000000000000001",
                "0000000000000000000000000000000001", // too short, too long
                "00010000000000000001", // leading zero
                "000000000000000000", // no bytes
                "008000000000000001",
                "000000000080000000", // negative
                "80000000000000000000000000000001"
            })
    void location_ofAnotherForm_isRefused(String hex) {
        assertThatThrownBy(() -> BlockLocation.decode(HexFormat.of().parseHex(hex)))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("block location is corrupt");
    }

    @Test
    void recipe_golden_isReadAndWritten() throws IOException {
        Recipe recipe = Recipe.decode(golden("recipe"));
        assertThat(recipe.opaque()).isFalse();
        assertThat(recipe.narSize()).isEqualTo(20_196);
        assertThat(recipe.blocks()).isEqualTo(3);
        for (int i = 0; i < 3; i++) {
            assertThat(recipe.id(i)).isEqualTo(Sha256.hash(new byte[] {(byte) i}));
            assertThat(recipe.length(i)).isEqualTo(new int[] {96, 20_000, 100}[i]);
            assertThat(recipe.holes().offset(i)).isEqualTo(new long[] {100, 132, 20_090}[i]);
            assertThat(recipe.holes().slot(i)).isEqualTo(new int[] {0, 1, 0}[i]);
        }
        assertThat(recipe.slots()).isEqualTo(2);
        assertThat(recipe.encode()).isEqualTo(golden("recipe"));
        Recipe opaque = Recipe.decode(golden("recipe-opaque"));
        assertThat(opaque.opaque()).isTrue();
        assertThat(opaque.encode()).isEqualTo(golden("recipe-opaque"));
        assertThat(recipe.sameAs(opaque)).isFalse();
    }

    @Test
    void recipe_damagedOrNewer_isRefused() throws IOException {
        Golden.assertDamageRefused(golden("recipe"), Recipe::decode);
        Golden.assertNewerRefused(golden("recipe"), "recipe", Recipe::decode);
    }

    @Test
    void recipe_thatContradictsItself_isRefused() {
        byte[] id = new byte[32];
        assertCorrupt(recipe().u8(2).varint(0).varint(0).varint(0).varint(0), "flags");
        assertCorrupt(
                recipe().u8(0).varint(5).varint(1).bytes(id).varint(4).varint(0).varint(0), "4 bytes");
        assertCorrupt(
                recipe().u8(0).varint(0).varint(1).bytes(id).varint(0).varint(0).varint(0), "empty");
        assertCorrupt(
                recipe().u8(0)
                        .varint(1L << 25)
                        .varint(1)
                        .bytes(id)
                        .varint(1 << 25)
                        .varint(0)
                        .varint(0),
                "at most");
        assertCorrupt(recipe().u8(0).varint(1L << 40).varint(1L << 40), "at most");
        // holes: beyond the end, of a slot that skips one, of fewer slots than announced, more than there are bytes
        assertCorrupt(oneBlock(id, 40).varint(1).varint(1).varint(9).varint(0), "beyond");
        assertCorrupt(
                oneBlock(id, 40).varint(1).varint(1).varint(Long.MAX_VALUE).varint(0), "beyond");
        assertCorrupt(oneBlock(id, 40).varint(2).varint(1).varint(8).varint(1), "at most 0");
        assertCorrupt(oneBlock(id, 40).varint(2).varint(1).varint(8).varint(0), "announces 2");
        assertCorrupt(oneBlock(id, 40).varint(0).varint(1 << 20), "at most");
        assertCorrupt(oneBlock(id, 40).varint(0).varint(0).u8(0), "left over");
    }

    private static RecordWriter recipe() {
        return new RecordWriter('R', 1);
    }

    private static RecordWriter oneBlock(byte[] id, int length) {
        return recipe().u8(0).varint(length).varint(1).bytes(id).varint(length);
    }

    private static void assertCorrupt(RecordWriter record, String reason) {
        byte[] bytes = record.finish();
        assertThatThrownBy(() -> Recipe.decode(bytes))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("recipe is corrupt")
                .hasMessageContaining(reason);
    }

    @Test
    void narEntry_golden_isReadAndWritten() throws IOException {
        NarEntry entry = NarEntry.decode(golden("nar-entry"));
        assertThat(entry.recipe()).isEqualTo(Sha256.hash(Nars.ascii("recipe")));
        assertThat(entry.narSize()).isEqualTo(20_196);
        assertThat(entry.slots().size()).isEqualTo(2);
        assertThat(entry.slots().digest(0)).isEqualTo(digest(1));
        assertThat(entry.slots().digest(1)).isEqualTo(digest(2));
        assertThat(entry.encode()).isEqualTo(golden("nar-entry"));
    }

    @Test
    void narEntry_damagedOrNewer_isRefused() throws IOException {
        Golden.assertDamageRefused(golden("nar-entry"), NarEntry::decode);
        Golden.assertNewerRefused(golden("nar-entry"), "nar entry", NarEntry::decode);
    }

    @Test
    void narEntry_sameDigestTwiceOrTooMany_isRefused() {
        byte[] twice = new RecordWriter('N', 1)
                .bytes(new byte[32])
                .varint(96)
                .varint(2)
                .bytes(digest(1).bytes())
                .bytes(digest(1).bytes())
                .finish();
        assertThatThrownBy(() -> NarEntry.decode(twice))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("nar entry is corrupt: digest 1 occurs twice");
        byte[] digests = new byte[(SlotTable.MAX_SLOTS + 1) * Digest.BYTES];
        for (int i = 0; i <= SlotTable.MAX_SLOTS; i++) {
            digests[i * Digest.BYTES] = (byte) i;
            digests[i * Digest.BYTES + 1] = (byte) (i >> 8);
            digests[i * Digest.BYTES + 2] = (byte) (i >> 16);
        }
        byte[] many = new RecordWriter('N', 1)
                .bytes(new byte[32])
                .varint(96)
                .varint(SlotTable.MAX_SLOTS + 1)
                .bytes(digests)
                .finish();
        assertThatThrownBy(() -> NarEntry.decode(many)).isInstanceOf(FormatException.class);
    }

    @Test
    void unclaimedNar_golden_isReadAndWritten() throws IOException {
        UnclaimedNar unclaimed = new UnclaimedNar(Instant.ofEpochSecond(1_700_000_000));
        assertThat(UnclaimedNar.decode(golden("unclaimed-nar"))).isEqualTo(unclaimed);
        assertThat(unclaimed.encode()).isEqualTo(golden("unclaimed-nar"));
        Golden.assertDamageRefused(golden("unclaimed-nar"), UnclaimedNar::decode);
        Golden.assertNewerRefused(golden("unclaimed-nar"), "unclaimed NAR", UnclaimedNar::decode);
    }

    @Test
    void pathInfo_golden_isReadAndWritten() throws IOException {
        PathInfo minimal = new PathInfo(
                new StorePath(digest(3), "minimal-1.0"),
                NAR,
                null,
                96,
                List.of(),
                null,
                null,
                List.of(),
                null,
                List.of());
        assertThat(PathInfoCodec.decode(golden("path-info-minimal"))).isEqualTo(minimal);
        assertThat(PathInfoCodec.encode(minimal)).isEqualTo(golden("path-info-minimal"));

        byte[] signature = new byte[64];
        for (int i = 0; i < signature.length; i++) {
            signature[i] = (byte) i;
        }
        PathInfo full = new PathInfo(
                new StorePath(digest(3), "full-1.0"),
                NAR,
                "sha256:" + NAR.toHex(),
                123_456_789_012L,
                List.of(new StorePath(digest(4), "dep-2"), new StorePath(digest(3), "full-1.0")),
                digest(5) + "-full-1.0.drv",
                "x86_64-linux",
                List.of(
                        "cache.example.org-1:" + Base64.getEncoder().encodeToString(signature),
                        "no colon",
                        "key:bm90IDY0IGJ5dGVz"),
                "fixed:r:sha256:1b8m03r63zqhnjf7l5wnldhh7c134ap5vpj0850ymkq1iyzicy5s",
                List.of("Future: r\u00e9sum\u00e9", "Empty: "));
        assertThat(PathInfoCodec.decode(golden("path-info-full"))).isEqualTo(full);
        assertThat(PathInfoCodec.encode(full)).isEqualTo(golden("path-info-full"));

        PathInfo text = PathInfoCodec.decode(golden("path-info-text-deriver"));
        assertThat(text.deriver()).isEqualTo("unknown-deriver");
        assertThat(PathInfoCodec.encode(text)).isEqualTo(golden("path-info-text-deriver"));
    }

    @Test
    void pathInfo_damagedOrNewer_isRefused() throws IOException {
        for (String name : List.of("path-info-minimal", "path-info-full", "path-info-text-deriver")) {
            Golden.assertDamageRefused(golden(name), PathInfoCodec::decode);
            Golden.assertNewerRefused(golden(name), "path info", PathInfoCodec::decode);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "key:",
                "::",
                "a:b:c",
                "key:AAAA",
                "key:====",
                // 88 characters, but the last bits of the base64 are not zero, or there is no base64
                "key:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pz==",
                "key:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==",
                "k:y:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+Pw==",
                "key:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0*Pw==",
                "key:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7PD0+PwAA"
            })
    void pathInfo_anySignature_comesBackVerbatim(String signature) throws IOException {
        PathInfo info = new PathInfo(
                new StorePath(digest(3), "x"),
                NAR,
                null,
                96,
                List.of(),
                signature,
                signature,
                List.of(signature, signature),
                signature,
                List.of(signature));
        assertThat(PathInfoCodec.decode(PathInfoCodec.encode(info))).isEqualTo(info);
    }

    @Test
    void pathInfo_longTexts_comeBack() throws IOException {
        String text = "\u00e9\u4e2d\ud83d\ude00".repeat(50_000);
        StorePath[] references = new StorePath[5000];
        Arrays.setAll(references, i -> new StorePath(digest(i), "n" + i));
        PathInfo info = new PathInfo(
                new StorePath(digest(3), "x"),
                NAR,
                text,
                Long.MAX_VALUE,
                List.of(references),
                text,
                text,
                List.of(text),
                text,
                List.of(text, ""));
        assertThat(PathInfoCodec.decode(PathInfoCodec.encode(info))).isEqualTo(info);
    }
}
