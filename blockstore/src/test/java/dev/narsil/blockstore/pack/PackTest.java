package dev.narsil.blockstore.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.testing.Golden;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.Seeds;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PackTest {

    static LongStream seeds() {
        return Seeds.fresh(10);
    }

    private static byte[] golden(String name) throws IOException {
        return Golden.load(PackTest.class, name);
    }

    private static EncodedPack written(PackWriter writer, List<byte[]> blocks) {
        for (byte[] block : blocks) {
            writer.add(Sha256.hash(block), block, 0, block.length);
        }
        return Objects.requireNonNull(writer.finish());
    }

    private static List<byte[]> blocks(Pack pack) {
        List<byte[]> blocks = new ArrayList<>();
        for (int i = 0; i < pack.blocks(); i++) {
            blocks.add(Arrays.copyOfRange(pack.raw(), pack.offset(i), pack.offset(i + 1)));
            assertThat(pack.id(i)).isEqualTo(Sha256.hash(blocks.getLast()));
        }
        return blocks;
    }

    @Test
    void decode_goldenAsItIs_givesTheBlocks() throws IOException {
        Pack pack = Pack.decode(golden("raw"));
        assertThat(blocks(pack)).containsExactly(Nars.ascii("first block"), new byte[1], Nars.ascii("third"));
    }

    @Test
    void finish_blocksThatDoNotCompress_writesTheGolden() throws IOException {
        try (PackWriter writer = new PackWriter()) {
            List<byte[]> blocks = List.of(Nars.ascii("first block"), new byte[1], Nars.ascii("third"));
            assertThat(written(writer, blocks).bytes()).isEqualTo(golden("raw"));
        }
    }

    @Test
    void decode_goldenZstd_givesTheBlocks() throws IOException {
        Pack pack = Pack.decode(golden("zstd"));
        assertThat(blocks(pack)).containsExactly(Nars.ascii("a".repeat(60)), Nars.ascii("a".repeat(40)));
    }

    @Test
    void decode_damagedOrNewer_isRefused() throws IOException {
        for (String name : List.of("raw", "zstd")) {
            Golden.assertDamageRefused(golden(name), Pack::decode);
            byte[] newer = golden(name);
            newer[4] = 2;
            assertThatThrownBy(() -> Pack.decode(newer))
                    .isInstanceOfSatisfying(
                            FormatException.class,
                            e -> assertThat(e.isNewerVersion()).isTrue())
                    .hasMessageContaining("pack is of a newer version: 2");
        }
    }

    @Test
    void decode_headerThatContradictsItself_isRefused() throws IOException {
        byte[] raw = golden("raw");
        assertCorrupt(raw, 5, 2, "coding 2");
        assertCorrupt(raw, 5, 1, "zstd");
        assertCorrupt(raw, 6, 1, "reserved");
        assertCorrupt(raw, 4, 0, "version 0");
        assertCorrupt(raw, 12, 18, "its header says 18");
        assertCorrupt(raw, Pack.HEADER + Sha256.BYTES + 3, 0x7f, "block 0 has length");
        assertCorrupt(raw, Pack.HEADER + Sha256.BYTES + 3, 0xff, "block 0 has length");
        assertCorrupt(golden("zstd"), 5, 0, "its payload has");
    }

    @Test
    void decode_zstdOfAnotherLength_isRefused() {
        for (int announced : new int[] {99, 101, 1000, 1 << 20}) {
            byte[] frame = Zstd.compress(new byte[100]);
            byte[] pack = new byte[Pack.HEADER + Pack.ENTRY + frame.length];
            ByteBuffer buffer = ByteBuffer.wrap(pack).order(ByteOrder.LITTLE_ENDIAN);
            buffer.putInt(Pack.MAGIC).put((byte) 1).put((byte) 1).putShort((short) 0);
            buffer.putInt(1).putInt(announced).putInt(frame.length);
            buffer.putInt(Pack.HEADER + Sha256.BYTES, announced);
            System.arraycopy(frame, 0, pack, Pack.HEADER + Pack.ENTRY, frame.length);
            byte[] sealed = sealed(pack);
            assertThatThrownBy(() -> Pack.decode(sealed))
                    .as("%d bytes announced", announced)
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("pack is corrupt: zstd");
        }
    }

    private static void assertCorrupt(byte[] golden, int at, int value, String reason) {
        byte[] changed = golden.clone();
        changed[at] = (byte) value;
        byte[] sealed = sealed(changed);
        assertThatThrownBy(() -> Pack.decode(sealed))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("pack is corrupt")
                .hasMessageContaining(reason);
    }

    /** The pack with its checksum made right. */
    static byte[] sealed(byte[] pack) {
        byte[] sealed = pack.clone();
        if (sealed.length >= Pack.HEADER) {
            ByteBuffer.wrap(sealed).order(ByteOrder.LITTLE_ENDIAN).putInt(Pack.CRC_OFFSET, Pack.checksum(sealed));
        }
        return sealed;
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void finish_anyBlocks_areDecodedAgain(long seed) throws IOException {
        Random random = new Random(seed);
        try (PackWriter writer = new PackWriter()) {
            for (int round = 0; round < 4; round++) {
                List<byte[]> blocks = new ArrayList<>();
                for (int room = PackWriter.RAW_BYTES; blocks.size() < 300; room -= blocks.getLast().length) {
                    int length = 1 + random.nextInt(1 << (1 + random.nextInt(17)));
                    if (length > room) {
                        break;
                    }
                    blocks.add(random.nextBoolean() ? new byte[length] : Nars.noise(random.nextLong(), length));
                }
                EncodedPack encoded = written(writer, blocks);
                assertThat(encoded.ids())
                        .containsExactlyElementsOf(
                                blocks.stream().map(Sha256::hash).toList());
                assertThat(encoded.lengths())
                        .containsExactly(
                                blocks.stream().mapToInt(block -> block.length).toArray());
                assertThat(blocks(Pack.decode(encoded.bytes())).toArray()).isEqualTo(blocks.toArray());
                assertThat(writer.isEmpty()).isTrue();
                assertThat(writer.finish()).isNull();
            }
        }
    }

    @Test
    void add_blockThatFillsThePack_fitsAndOneMoreByteDoesNot() throws IOException {
        byte[] full = new byte[PackWriter.RAW_BYTES];
        try (PackWriter writer = new PackWriter()) {
            assertThat(writer.fits(PackWriter.RAW_BYTES)).isTrue();
            assertThat(writer.fits(PackWriter.RAW_BYTES + 1)).isFalse();
            writer.add(Sha256.hash(full), full, 0, full.length);
            assertThat(writer.fits(1)).isFalse();
            assertThatThrownBy(() -> writer.add(Sha256.hash(full), full, 0, 1))
                    .isInstanceOf(IllegalArgumentException.class);
            byte[] encoded = Objects.requireNonNull(writer.finish()).bytes();
            assertThat(encoded).hasSizeLessThan(2000);
            assertThat(blocks(Pack.decode(encoded))).containsExactly(full);
        }
    }
}
