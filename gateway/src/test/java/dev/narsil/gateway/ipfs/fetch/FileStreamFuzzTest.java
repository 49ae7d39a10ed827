package dev.narsil.gateway.ipfs.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.codec.ByteReader;
import dev.narsil.blockstore.codec.ByteWriter;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile.Child;
import dev.narsil.rewrite.hash.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Any blocks against the reader of files.
 *
 * <p>An input is the size of the file and where to begin, two bytes each, a byte that tells whether the root is a node,
 * and blocks, each a length and so many bytes. Which block a CID stands for is told by the first byte of its digest, so
 * that nodes may name one another in circles, which no hashes allow: what ends then ends for every set of blocks.
 */
@Timeout(120)
class FileStreamFuzzTest {

    /** What a file of so many bytes may have of blocks at most. */
    private static final int FEW_BLOCKS = 1024;

    private static final int MIN_BYTES_A_BLOCK = 64;
    private static final int MAX_BLOCKS = 256;

    private static final FileStream.Patience PATIENCE =
            new FileStream.Patience(Duration.ofSeconds(60), Duration.ofSeconds(60));

    private record Input(int size, int from, Cid root, List<byte[]> blocks) {

        static Input read(byte[] data) throws FormatException {
            ByteReader reader = new ByteReader("input", data);
            int size = u16(reader);
            int from = Math.min(size, u16(reader));
            Codec codec = reader.u8() % 2 == 0 ? Codec.RAW : Codec.DAG_PB;
            List<byte[]> blocks = new ArrayList<>();
            while (reader.remaining() > 0 && blocks.size() < MAX_BLOCKS) {
                blocks.add(reader.bytes(reader.count(1)));
            }
            return new Input(size, from, named(codec, 0), blocks);
        }

        private static int u16(ByteReader reader) throws FormatException {
            return (reader.u8() << 8) | reader.u8();
        }

        byte[] write() {
            ByteWriter writer = new ByteWriter()
                    .u8(size >> 8)
                    .u8(size & 0xff)
                    .u8(from >> 8)
                    .u8(from & 0xff)
                    .u8(root.codec() == Codec.RAW ? 0 : 1);
            blocks.forEach(block -> writer.varint(block.length).bytes(block));
            return writer.toByteArray();
        }

        byte[] block(Cid cid) throws IOException {
            int number = cid.digest()[0] & 0xff;
            if (number >= blocks.size()) {
                throw new IOException("no block " + number);
            }
            return blocks.get(number);
        }

        /** Appends the file of a CID as it is read without any looking ahead. */
        void append(Cid cid, long size, int depth, ByteArrayOutputStream file) throws IOException {
            if (depth > FilePart.MAX_DEPTH) {
                throw new IOException("too deep");
            }
            byte[] bytes = cid.isIdentity() ? cid.digest() : block(cid);
            if (cid.codec() == Codec.RAW) {
                require(bytes.length == size);
                file.writeBytes(bytes);
                return;
            }
            require(cid.codec() == Codec.DAG_PB);
            UnixFsFile node = UnixFsFile.decode(bytes);
            require(node.size() == size);
            file.writeBytes(node.contents());
            for (Child child : node.children()) {
                if (child.size() > 0) {
                    append(child.cid(), child.size(), depth + 1, file);
                }
            }
        }

        private static void require(boolean condition) throws IOException {
            if (!condition) {
                throw new IOException("no such file");
            }
        }
    }

    /** The CID of a block by its number. */
    private static Cid named(Codec codec, int number) {
        byte[] digest = new byte[Sha256.BYTES];
        digest[0] = (byte) number;
        return Cid.of(codec, Sha256.of(digest));
    }

    private static Child child(Codec codec, int number, long size) {
        return new Child(named(codec, number), size, size);
    }

    /** Returns what is read, and notes how many blocks were asked for. */
    private static byte[] read(Input input, List<Cid> asked) throws IOException {
        BlockOrigin origin = cid -> {
            asked.add(cid);
            return block(input, cid);
        };
        try (FileStream stream = new FileStream(input.root(), input.size(), input.from(), origin, PATIENCE)) {
            return stream.readAllBytes();
        }
    }

    private static Future<byte[]> block(Input input, Cid cid) {
        try {
            return CompletableFuture.completedFuture(input.block(cid));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @FuzzTest
    void read_anyBlocks_isTheFileOrRefused(byte[] data) throws IOException {
        Input input;
        try {
            input = Input.read(data);
        } catch (FormatException e) {
            return;
        }
        List<Cid> asked = new ArrayList<>();
        byte[] rest = null;
        try {
            rest = read(input, asked);
        } catch (IOException e) {
            assertThat(e).hasMessageNotContaining("did not come in time");
        }
        assertThat(asked).hasSizeLessThanOrEqualTo(FEW_BLOCKS + input.size() / MIN_BYTES_A_BLOCK);
        if (rest != null) {
            assertThat(rest).hasSize(input.size() - input.from());
        }
        if (rest != null && input.from() == 0 && input.size() > 0) {
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            input.append(input.root(), input.size(), 0, file);
            assertThat(rest).isEqualTo(file.toByteArray());
        }
    }

    private static Input file() {
        byte[] inner = new UnixFsFile(
                        new byte[] {1, 2},
                        List.of(
                                child(Codec.RAW, 2, 300),
                                Child.leaf(Cid.identity(new byte[] {7, 8, 9}, 0, 3), 3),
                                child(Codec.RAW, 3, 0)))
                .encode();
        byte[] root = UnixFsFile.of(
                        List.of(child(Codec.DAG_PB, 1, 305), child(Codec.RAW, 2, 300), child(Codec.DAG_PB, 1, 305)))
                .encode();
        return new Input(910, 0, named(Codec.DAG_PB, 0), List.of(root, inner, new byte[300], new byte[0]));
    }

    @Test
    void read_inputThatIsAFile_givesItWhole() throws IOException {
        byte[] data = file().write();
        read_anyBlocks_isTheFileOrRefused(data);
        List<Cid> asked = new ArrayList<>();
        byte[] file = read(Input.read(data), asked);
        assertThat(file).hasSize(910).startsWith(1, 2, 0);
        assertThat(Arrays.copyOfRange(file, 302, 308)).containsExactly(7, 8, 9, 0, 0, 0);
        assertThat(asked).hasSize(6);
    }

    @Test
    void read_nodesInCircles_areRefused() throws IOException {
        byte[] first = UnixFsFile.of(List.of(child(Codec.DAG_PB, 1, 900))).encode();
        byte[] second = UnixFsFile.of(List.of(child(Codec.DAG_PB, 0, 900))).encode();
        Input circle = new Input(900, 0, named(Codec.DAG_PB, 0), List.of(first, second));
        read_anyBlocks_isTheFileOrRefused(circle.write());
        List<Cid> asked = new ArrayList<>();
        assertThatThrownBy(() -> read(circle, asked))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("more than " + FilePart.MAX_DEPTH + " nodes");
    }
}
