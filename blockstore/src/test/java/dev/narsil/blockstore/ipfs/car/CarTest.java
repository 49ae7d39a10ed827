package dev.narsil.blockstore.ipfs.car;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.codec.ByteWriter;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.Seeds;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CarTest {

    /** Header of a CAR whose root is {@code bafkqaaa}. */
    private static final String HEADER = "19" + "a2 65 726f6f7473 81 d82a4500 01550000 67 76657273696f6e 01";

    /** A section with the identity block "a". */
    private static final String IDENTITY_A = "06" + "0155000161" + "61";

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static CarBlock block(byte[] bytes) {
        return new CarBlock(Cid.hash(Codec.RAW, bytes), bytes);
    }

    private static byte[] car(List<Cid> roots, List<CarBlock> blocks) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CarWriter writer = new CarWriter(out, roots);
        for (CarBlock block : blocks) {
            writer.block(block.cid(), block.bytes(), 0, block.bytes().length);
        }
        return out.toByteArray();
    }

    private static List<CarBlock> read(byte[] car) throws IOException {
        CarReader reader = new CarReader(new ByteArrayInputStream(car));
        List<CarBlock> blocks = new ArrayList<>();
        for (CarBlock block = reader.next(); block != null; block = reader.next()) {
            blocks.add(block);
        }
        assertThat(reader.position()).isEqualTo(car.length);
        assertThat(reader.next()).isNull();
        return blocks;
    }

    @Test
    void writer_oneBlock_writesWhatIsSpecified() throws IOException {
        Cid root = Cid.parse("bafkqaaa");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CarWriter writer = new CarWriter(out, List.of(root));
        byte[] hello = Nars.ascii("-hello world-");
        writer.block(Cid.hash(Codec.RAW, Nars.ascii("hello world")), hello, 1, 11);
        assertThat(out.toByteArray())
                .isEqualTo(hex(HEADER
                        + "2f 01551220 b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
                        + "68656c6c6f20776f726c64"));
        assertThat(writer.blocks()).isEqualTo(1);
        assertThat(writer.blockBytes()).isEqualTo(11);
        CarReader reader = new CarReader(new ByteArrayInputStream(out.toByteArray()));
        assertThat(reader.roots()).containsExactly(root);
    }

    @Test
    void writer_identityBlock_isLeftOut() throws IOException {
        byte[] a = Nars.ascii("a");
        assertThat(car(List.of(Cid.parse("bafkqaaa")), List.of(new CarBlock(Cid.identity(a, 0, 1), a))))
                .isEqualTo(hex(HEADER));
    }

    @Test
    void reader_identityBlockAndOldCid_areRead() throws IOException {
        byte[] old = hex("26 1220 59948439065f29619ef41280cbb932be52c56d99c5966b65e0111239f098bbef 0a020801");
        List<CarBlock> blocks = read(Nars.concat(hex(HEADER + IDENTITY_A), old));
        assertThat(blocks).hasSize(2);
        assertThat(blocks.getFirst().cid().isIdentity()).isTrue();
        assertThat(blocks.getFirst().bytes()).isEqualTo(Nars.ascii("a"));
        assertThat(blocks.getLast().cid()).hasToString("QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn");
    }

    @ParameterizedTest
    @CsvSource({
        "'', truncated: it is empty",
        "99, truncated: it ends in the length of the header at byte 0",
        "19 a265726f, truncated: the header at byte 0 has 4 of 25 bytes",
        "9900 a0, header at byte 0 announces 25 bytes in too long a form",
        "00, the header at byte 0 announces 0 bytes",
        "818004, the header at byte 0 announces 65537 bytes",
        "ffffffffff01, announces more than 65536 bytes",
        "01 a0, it has no version",
        "0a a1 67 76657273696f6e 02, a CAR of version 2",
        "0a a1 67 76657273696f6e 01, it names no root",
        "11 a2 65 726f6f7473 80 67 76657273696f6e 01, it names no root",
        "19 a2 65 726f6f7473 81 d82a4500 01550000 67 76657273696f6e 02, a CAR of version 2",
        "19 a2 65 726f6f7473 81 d82a4500 01550000 67 76657273696f6d 01, not two entries",
        "10 a1 65 726f6f7473 81 d82a4500 01550000, not two entries",
        "1a a2 65 726f6f7473 81 d82a4500 01550000 67 76657273696f6e 0100, left over",
        "19 a2 65 726f6f7473 81 d82b4500 01550000 67 76657273696f6e 01, tag 43"
    })
    void header_ofAnotherForm_isRefused(String hex, String reason) {
        assertThatThrownBy(() -> new CarReader(new ByteArrayInputStream(hex(hex))))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "00, corrupt: the section at byte 26 announces 0 bytes",
        "80, truncated: it ends in the length of the section at byte 26",
        "8600 0155000161 61, section at byte 26 announces 6 bytes in too long a form",
        "86818001, section at byte 26 announces 2097286 bytes",
        "06 0155000161, truncated: the section at byte 26 has 5 of 6 bytes",
        "06 0155000161 62, the block at byte 26 is not that of bafkqaalb",
        "07 0155000161 6161, the block at byte 26 is not that of bafkqaalb",
        "05 0155000161, the block at byte 26 is not that of bafkqaalb",
        "04 01550001, CID of the section at byte 26 of the CAR is corrupt",
        "06 0255000161 61, version 2"
    })
    void section_ofAnotherForm_isRefused(String hex, String reason) {
        assertThatThrownBy(() -> read(Nars.concat(hex(HEADER), hex(hex))))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void block_longest_isRead_andLongerIsRefused() throws IOException {
        byte[] longest = new byte[CarWriter.MAX_BLOCK_BYTES];
        CarBlock block = block(longest);
        assertThat(read(car(List.of(block.cid()), List.of(block))).getFirst().bytes())
                .isEqualTo(longest);
        byte[] longer = new byte[CarWriter.MAX_BLOCK_BYTES + 1];
        Cid cid = Cid.hash(Codec.RAW, longer);
        assertThatThrownBy(() -> car(List.of(cid), List.of(new CarBlock(cid, longer))))
                .isInstanceOf(IllegalArgumentException.class);
        ByteWriter section = new ByteWriter().varint(cid.length() + longer.length);
        cid.writeTo(section);
        byte[] car = Nars.concat(hex(HEADER), section.bytes(longer).toByteArray());
        assertThatThrownBy(() -> read(car))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("the block at byte 26 has 2097153 bytes");
        assertThatThrownBy(() -> car(List.of(), List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    static LongStream seeds() {
        return Seeds.fresh(3);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void car_random_comesBack_andDamageIsTold(long seed) throws IOException {
        Random random = new Random(seed);
        List<CarBlock> blocks = new ArrayList<>();
        List<Integer> edges = new ArrayList<>();
        List<Cid> roots = new ArrayList<>(Collections.nCopies(1 + random.nextInt(3), Cid.parse("bafkqaaa")));
        edges.add(car(roots, blocks).length);
        for (int i = 0; i < 8; i++) {
            blocks.add(block(Nars.noise(seed + i, random.nextInt(200))));
            edges.add(car(roots, blocks).length);
        }
        byte[] car = car(roots, blocks);
        List<CarBlock> read = read(car);
        assertThat(read.stream().map(CarBlock::cid).toList())
                .isEqualTo(blocks.stream().map(CarBlock::cid).toList());
        for (int i = 0; i < blocks.size(); i++) {
            assertThat(read.get(i).bytes()).isEqualTo(blocks.get(i).bytes());
        }
        for (int length = 0; length < car.length; length++) {
            byte[] cut = Arrays.copyOf(car, length);
            if (edges.contains(length)) {
                assertThat(read(cut)).hasSize(edges.indexOf(length));
            } else {
                assertThatThrownBy(() -> read(cut))
                        .as("cut to %d", length)
                        .isInstanceOf(FormatException.class)
                        .hasMessageContaining("truncated");
            }
        }
        for (int i = edges.getFirst(); i < car.length; i++) {
            byte[] changed = car.clone();
            changed[i] ^= (byte) (1 << random.nextInt(8));
            assertChangeTold(changed, read, i);
        }
    }

    /** A changed codec is another CID of the same hash; all else is refused. */
    private static void assertChangeTold(byte[] changed, List<CarBlock> sound, int at) throws IOException {
        List<CarBlock> other;
        try {
            other = read(changed);
        } catch (FormatException e) {
            assertThat(e.getMessage()).containsAnyOf("CAR is corrupt: ", "CAR is truncated: ", "of the CAR is corrupt");
            return;
        }
        assertThat(other.stream().map(CarBlock::cid).toList())
                .as("byte %d", at)
                .isNotEqualTo(sound.stream().map(CarBlock::cid).toList());
        assertThat(other.stream().allMatch(block -> block.cid().isOf(block.bytes(), 0, block.bytes().length)))
                .isTrue();
    }
}
