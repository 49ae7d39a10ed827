package dev.narsil.blockstore.ipfs.unixfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile.Child;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnixFsTest {

    private static final List<Codec> CODECS = List.copyOf(EnumSet.allOf(Codec.class));

    /** Link to the identity CID of "a" and "b", Tsize 1 each. */
    private static final String LINK_A = "12090a05015500016118" + "01";

    private static final String LINK_B = "12090a05015500016218" + "01";

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static Child leaf(String text) {
        byte[] bytes = Nars.ascii(text);
        return Child.leaf(Cid.identity(bytes, 0, bytes.length), bytes.length);
    }

    @Test
    void file_empty_isTheKnownBlock() throws FormatException {
        UnixFsFile file = UnixFsFile.of(List.of());
        assertThat(file.encode()).isEqualTo(hex("0a0408021800"));
        assertThat(UnixFsFile.decode(file.encode()).size()).isZero();
        assertThat(Cid.hash(Codec.DAG_PB, file.encode()).sha256())
                .isEqualTo(Cid.parse("QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH")
                        .sha256());
    }

    @Test
    void file_withContents_isTheKnownBlock() throws FormatException {
        byte[] block = new UnixFsFile(Nars.ascii("hello world\n"), List.of()).encode();
        assertThat(block).isEqualTo(hex("0a120802120c68656c6c6f20776f726c640a180c"));
        assertThat(Cid.parse("QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o").isOf(block, 0, block.length))
                .isTrue();
        assertThat(UnixFsFile.decode(block).contents()).isEqualTo(Nars.ascii("hello world\n"));
    }

    @Test
    void file_ofLinks_isWrittenAsSpecified() throws FormatException {
        UnixFsFile file =
                UnixFsFile.of(List.of(leaf("a"), leaf("b"), new Child(leaf("a").cid(), 300, 200)));
        byte[] block = file.encode();
        assertThat(block)
                .isEqualTo(hex(LINK_A + LINK_B + "120a0a05015500016118ac02" + "0a0c 0802 18ca01 2001 2001 20c801"));
        assertThat(UnixFsFile.decode(block).children()).isEqualTo(file.children());
        assertThat(file.size()).isEqualTo(202);
    }

    @Test
    void file_withEmptyNames_asKuboWritesIt_isRead() throws FormatException {
        byte[] block = hex("120b0a05015500016112001801" + "0a06 0802 1801 2001");
        assertThat(UnixFsFile.decode(block).children()).containsExactly(leaf("a"));
        assertThat(PbNode.decode(block).encode()).isEqualTo(block);
    }

    @Test
    void directory_empty_isANodeButNoFile() throws FormatException {
        byte[] block = hex("0a020801");
        assertThat(PbNode.decode(block).encode()).isEqualTo(block);
        assertThatThrownBy(() -> UnixFsFile.decode(block))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining("of type 1, not a file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0a00", LINK_A, LINK_A + LINK_B + "0a01ff", "12100a050155000161120568c3a96c6c1805"})
    void node_otherThanAFile_comesBack(String hex) throws FormatException {
        assertThat(PbNode.decode(hex(hex)).encode()).isEqualTo(hex(hex));
    }

    @ParameterizedTest
    @CsvSource({
        "0a020801 0a020801, field 0xa",
        "0a00" + LINK_A + ", field 0x12",
        "1a00, field 0x1a",
        "08, field 0x8",
        "0a0108 00, field 0x0",
        "0a, it ends early",
        "0a05 0802, 'a number is 5, at most'",
        "0a8000, shortest form",
        "1200, ends early",
        "12 02 1801, begins with no CID",
        "12 07 0a05 0155000161, ends early", // no Tsize
        "12 09 0a06 0155000161 1801, not the length announced",
        "12 09 0a04 0155000161 1801, not the length announced",
        "12 08 0a05 0155000161 1801, not the length announced",
        "12 0a 0a05 0155000161 180100, not the length announced",
        "12 0a 0a05 0155000161 188000, shortest form",
        "12 0b 0a05 0155000161 1801 1200, not the length announced",
        "12 0b 1200 0a05 0155000161 1801, begins with no CID",
        "12 0c 0a05 0155000161 1201ff 1801, not UTF-8",
        "12 0d 0a05 0155000161 1200 1200 1801, field 0x12 where its Tsize belongs",
        "12 09 0a05 0255000161 1801, version 2",
        "12 12 0a05 0155000161 18 ffffffffffffffffff01, too long"
    })
    void node_ofAnotherForm_isRefused(String hex, String reason) {
        assertThatThrownBy(() -> PbNode.decode(hex(hex)))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("dag-pb node is corrupt at byte ")
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "'', no data",
        "0a00, ends early",
        "0a021800, begin with its type",
        "0a020802, ends early",
        "0a020800, of type 0",
        "0a0408051800, of type 5",
        "0a06080218002001, left over", // a size more than links
        "0a06080218012001, do not have 1 bytes",
        LINK_A + "0a0408021800, one size for each link",
        LINK_A + "0a0608021802 2001, do not have 2 bytes",
        LINK_A + "0a0608021800 2001, more than 0 bytes",
        LINK_A + "0a0b 0802 1803 1203616263 2000, one size for each link",
        LINK_A + "0a0708021801 220101, one size for each link", // packed
        "0a0508021201 61, ends early", // contents without a size
        "0a0708021201 61 1802, do not have 2 bytes",
        "0a0708021201 61 1800, do not have 0 bytes",
        "0a0708021800 38a403, left over", // mode
        "0a0708021800 420008, left over", // time
        "120a0a050155000161120161 1801 0a0608021801 2001, length announced",
        "120c0a0501550001611201 61 1801 0a0608021801 2001, a link has a name",
        LINK_A + LINK_B + "0a18 0802 18ffffffffffffffff7f 20ffffffffffffffff7f 2001, more than"
    })
    void file_ofAnotherForm_isRefused(String hex, String reason) {
        String even = hex.replace(" ", "");
        assertThatThrownBy(() -> UnixFsFile.decode(hex(even)))
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void node_withTooManyLinks_isRefused() {
        byte[] block = hex(LINK_A.repeat(PbNode.MAX_LINKS + 1));
        assertThatThrownBy(() -> PbNode.decode(block)).hasMessageContaining("more than " + PbNode.MAX_LINKS);
    }

    static LongStream seeds() {
        return Seeds.fresh(4);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void file_random_comesBack(long seed) throws FormatException {
        Random random = new Random(seed);
        for (int i = 0; i < 100; i++) {
            List<Child> children = new ArrayList<>();
            for (int k = random.nextInt(40); k > 0; k--) {
                byte[] bytes = new byte[random.nextInt(100)];
                random.nextBytes(bytes);
                Cid cid = random.nextBoolean()
                        ? Cid.hash(CODECS.get(random.nextInt(2)), bytes)
                        : Cid.identity(bytes, 0, bytes.length);
                children.add(new Child(cid, random.nextLong() >>> 8, random.nextLong() >>> random.nextInt(10, 64)));
            }
            UnixFsFile file = new UnixFsFile(Nars.noise(seed, random.nextInt(3)), children);
            UnixFsFile read = UnixFsFile.decode(file.encode());
            assertThat(read.children()).isEqualTo(children);
            assertThat(read.contents()).isEqualTo(file.contents());
            assertThat(read.encode()).isEqualTo(file.encode());
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 1", "1, 1, 1", "3, 1, 1", "4, 3, 2", "9, 4, 2", "10, 7, 3", "27, 13, 3", "28, 17, 4"})
    void tree_ofWidthThree_isBalanced(int leaves, int nodes, int depth) throws FormatException {
        FileTree.Builder builder = new FileTree.Builder(3);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < leaves; i++) {
            String letter = String.valueOf((char) ('a' + i));
            builder.add(leaf(letter));
            text.append(letter);
        }
        FileTree tree = builder.finish();
        assertThat(tree.nodes()).isEqualTo(nodes);
        StringBuilder read = new StringBuilder();
        assertThat(cat(tree, depth, read)).isEqualTo(tree.child());
        assertThat(read).hasToString(text.toString());
    }

    @Test
    void tree_ofTrees_hasThemAsChildren() throws FormatException {
        FileTree.Builder builder = new FileTree.Builder(3);
        for (String letter : new String[] {"a", "b", "c", "d"}) {
            builder.add(leaf(letter));
        }
        FileTree four = builder.finish();
        FileTree.Builder one = new FileTree.Builder(3);
        one.add(four);
        assertThat(one.finish()).isSameAs(four);
        assertThat(one.nodeBytes()).isEqualTo(four.nodeBytes());
        FileTree.Builder several = new FileTree.Builder(3);
        several.add(leaf("x"));
        several.add(four);
        several.add(leaf("y"));
        several.add(four);
        FileTree tree = several.finish();
        assertThat(tree.nodes()).isEqualTo(1 + 2 + 2 * four.nodes());
        StringBuilder read = new StringBuilder();
        assertThat(cat(tree, 0, read)).isEqualTo(tree.child());
        assertThat(read).hasToString("xabcdyabcd");
    }

    /**
     * Appends the text of a tree and returns what is to be said of it; all leaves are at {@code depth} unless that is
     * 0.
     */
    private static Child cat(FileTree tree, int depth, StringBuilder text) throws FormatException {
        long tsize = tree.block().length;
        long nodeBytes = tree.block().length;
        int before = text.length();
        int below = 0;
        for (Child child : UnixFsFile.decode(tree.block()).children()) {
            if (child.cid().isIdentity()) {
                assertThat(depth).isLessThanOrEqualTo(1);
                text.append(new String(child.cid().digest(), StandardCharsets.US_ASCII));
            } else {
                FileTree node = tree.below().get(below++);
                assertThat(cat(node, Math.max(0, depth - 1), text)).isEqualTo(child);
                nodeBytes += node.nodeBytes();
            }
            tsize += child.tsize();
        }
        assertThat(tree.below()).hasSize(below);
        assertThat(tree.nodeBytes()).isEqualTo(nodeBytes);
        return new Child(Cid.hash(Codec.DAG_PB, tree.block()), tsize, text.length() - before);
    }
}
