package dev.narsil.gateway.ipfs.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile.Child;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FileStreamTest {

    private static final FileStream.Patience PATIENCE =
            new FileStream.Patience(Duration.ofSeconds(20), Duration.ofSeconds(20));

    private final Map<Cid, byte[]> blocks = new HashMap<>();
    private final List<Cid> asked = new ArrayList<>();

    private Future<byte[]> give(Cid cid) {
        asked.add(cid);
        byte[] block = blocks.get(cid);
        return block == null
                ? CompletableFuture.failedFuture(new IOException("no " + cid))
                : CompletableFuture.completedFuture(block);
    }

    private Child raw(byte[] bytes) {
        Cid cid = Cid.hash(Codec.RAW, bytes);
        blocks.put(cid, bytes);
        return Child.leaf(cid, bytes.length);
    }

    private Child node(UnixFsFile file) {
        byte[] block = file.encode();
        Cid cid = Cid.hash(Codec.DAG_PB, block);
        blocks.put(cid, block);
        return new Child(cid, 0, file.size());
    }

    private Child node(List<Child> children) {
        return node(UnixFsFile.of(children));
    }

    private FileStream stream(Child root, long from) throws IOException {
        return new FileStream(root.cid(), root.size(), from, this::give, PATIENCE);
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Makes a file of up to {@code width} parts a node, whose bytes it adds to {@code contents}. */
    private Child random(Random random, int depth, int width, ByteArrayOutputStream contents) {
        int kind = depth == 0 ? random.nextInt(2) : random.nextInt(6);
        if (kind == 0) {
            byte[] bytes = bytes(random, random.nextInt(Cid.MAX_IDENTITY_BYTES + 1));
            contents.writeBytes(bytes);
            return Child.leaf(Cid.identity(bytes, 0, bytes.length), bytes.length);
        }
        if (kind == 1) {
            byte[] bytes = bytes(random, random.nextInt(5000));
            contents.writeBytes(bytes);
            return raw(bytes);
        }
        byte[] own = kind == 2 ? bytes(random, random.nextInt(100)) : new byte[0];
        contents.writeBytes(own);
        List<Child> children = new ArrayList<>();
        for (int i = random.nextInt(width); i >= 0; i--) {
            children.add(random(random, depth - 1, width, contents));
        }
        return node(new UnixFsFile(own, children));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void read_randomFileFromAnyOffset_givesItsRest(long seed) throws IOException {
        Random random = new Random(seed);
        ByteArrayOutputStream contents = new ByteArrayOutputStream();
        List<Child> parts = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            parts.add(random(random, 3, 12, contents));
        }
        Child root = node(parts);
        byte[] file = contents.toByteArray();
        for (int i = 0; i < 20; i++) {
            int from = i == 0 ? 0 : i == 1 ? file.length : random.nextInt(file.length);
            try (FileStream stream = stream(root, from)) {
                assertThat(stream.readAllBytes())
                        .as("seed %d, from %d", seed, from)
                        .isEqualTo(Arrays.copyOfRange(file, from, file.length));
            }
        }
    }

    @Test
    void read_oneRawBlock_isTheFile() throws IOException {
        byte[] file = bytes(new Random(1), 1000);
        assertThat(stream(raw(file), 100).readAllBytes()).isEqualTo(Arrays.copyOfRange(file, 100, 1000));
    }

    @Test
    void read_fromTheEnd_asksForNothingBefore() throws IOException {
        Random random = new Random(2);
        List<Child> parts = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            List<Child> leaves = new ArrayList<>();
            for (int j = 0; j < 10; j++) {
                leaves.add(raw(bytes(random, 100)));
            }
            parts.add(node(leaves));
        }
        Child root = node(parts);
        assertThat(stream(root, 9950).readAllBytes()).hasSize(50);
        assertThat(asked).hasSize(3);
    }

    @Test
    void read_manyLeaves_asksForNoMoreThanTheWindowAhead() throws IOException {
        Random random = new Random(3);
        List<Child> leaves = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            leaves.add(raw(bytes(random, 100)));
        }
        Child root = node(leaves);
        List<CompletableFuture<byte[]>> waiting = new ArrayList<>();
        try (FileStream stream = new FileStream(
                root.cid(),
                root.size(),
                0,
                cid -> {
                    if (cid.equals(root.cid())) {
                        return give(cid);
                    }
                    CompletableFuture<byte[]> block = new CompletableFuture<>();
                    waiting.add(block);
                    if (waiting.size() == FileStream.MAX_ON_THE_WAY) {
                        waiting.getFirst().complete(blocks.get(leaves.getFirst().cid()));
                    }
                    return block;
                },
                PATIENCE)) {
            assertThat(stream.read(new byte[100])).isEqualTo(100);
            assertThat(waiting).hasSize(FileStream.MAX_ON_THE_WAY);
        }
        assertThat(waiting.subList(1, waiting.size())).allMatch(CompletableFuture::isCancelled);
    }

    @Test
    void read_laterBlockFails_givesWhatIsBefore() throws IOException {
        Child first = raw(bytes(new Random(4), 100));
        Child second = raw(bytes(new Random(5), 100));
        Child root = node(List.of(first, second));
        blocks.remove(second.cid());
        try (FileStream stream = stream(root, 0)) {
            assertThat(stream.readNBytes(100)).hasSize(100);
            assertThatThrownBy(stream::read).isInstanceOf(IOException.class).hasMessageContaining("no " + second.cid());
        }
    }

    @Test
    void read_leafOfAnotherLengthThanStated_fails() throws IOException {
        Child leaf = raw(bytes(new Random(6), 100));
        Child root = node(List.of(Child.leaf(leaf.cid(), 101)));
        assertThatThrownBy(() -> stream(root, 0).read()).hasMessageContaining("has 100 bytes, not 101");
    }

    @Test
    void read_nodeOfAnotherSizeThanStated_fails() throws IOException {
        Child inner = node(List.of(raw(bytes(new Random(7), 100))));
        Child root = node(List.of(new Child(inner.cid(), 0, 1L << 40)));
        assertThatThrownBy(() -> stream(root, 0).read()).hasMessageContaining("has 100 bytes, not");
    }

    @Test
    void read_rootIsNotTheSizeOfTheNar_fails() throws IOException {
        Child root = node(List.of(raw(bytes(new Random(8), 100))));
        assertThatThrownBy(() -> new FileStream(root.cid(), 99, 0, this::give, PATIENCE).read())
                .hasMessageContaining("has 100 bytes, not 99");
    }

    @Test
    void read_leafSaidToBeLargerThanABlock_fails() throws IOException {
        Child leaf = raw(bytes(new Random(9), 100));
        Child root = node(List.of(Child.leaf(leaf.cid(), 1L << 30)));
        assertThatThrownBy(() -> stream(root, 0).read()).hasMessageContaining("is said to have");
    }

    @Test
    void read_tooManyNodesAboveALeaf_fails() throws IOException {
        Child file = raw(bytes(new Random(10), 100));
        for (int i = 0; i <= FilePart.MAX_DEPTH; i++) {
            file = node(List.of(file));
        }
        Child root = file;
        assertThatThrownBy(() -> stream(root, 0).read()).hasMessageContaining("more than 16 nodes");
    }

    @Test
    void read_emptyPartsWithoutEnd_areNotGoneDown() throws IOException {
        Child nothing = node(List.of());
        Child root = node(List.of(nothing, raw(bytes(new Random(11), 100)), nothing));
        assertThat(stream(root, 0).readAllBytes()).hasSize(100);
        assertThat(asked).doesNotContain(nothing.cid());
    }

    @Test
    void read_blocksOfAByte_areNotGotForEver() throws IOException {
        byte[] one = {1};
        Child leaf = raw(one);
        List<Child> leaves = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            leaves.add(leaf);
        }
        Child root = node(leaves);
        assertThatThrownBy(() -> stream(root, 0).readAllBytes()).hasMessageContaining("more than");
    }

    @Test
    void read_nothingComes_failsInTime() throws IOException {
        FileStream.Patience short_ = new FileStream.Patience(Duration.ofMillis(20), Duration.ofMillis(20));
        Cid root = Cid.hash(Codec.RAW, new byte[10]);
        try (FileStream stream = new FileStream(root, 10, 0, _ -> new CompletableFuture<>(), short_)) {
            assertThatThrownBy(stream::read).isInstanceOf(LateException.class);
        }
    }

    @Test
    void close_whileAReadWaits_endsIt() throws Exception {
        CountDownLatch waits = new CountDownLatch(1);
        Cid root = Cid.hash(Codec.RAW, new byte[10]);
        FileStream stream = new FileStream(
                root,
                10,
                0,
                _ -> {
                    waits.countDown();
                    return new CompletableFuture<>();
                },
                new FileStream.Patience(Duration.ofHours(1), Duration.ofHours(1)));
        Thread closer = Thread.startVirtualThread(() -> {
            try {
                waits.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            stream.close();
        });
        assertThatThrownBy(stream::read).isInstanceOf(IOException.class).hasMessage("closed");
        closer.join();
    }
}
