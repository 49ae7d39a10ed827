package dev.narsil.blockstore.ipfs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.StoredNar;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.testing.Golden;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The layout of one NAR with leaves of every kind, against one that was made from the specifications alone, block
 * cutting included.
 */
class NarDagGoldenTest {

    private static final String NAR_HASH = "fcf506a6eec1566178f80b5937f1f64389cbdab9be75e434729a87b0f39c8955";

    private static byte[] noise(int number, int size) {
        byte[][] parts = new byte[size / Sha256.BYTES + 1][];
        for (int i = 0; i < parts.length; i++) {
            parts[i] = Sha256.hash(Nars.ascii("narsil " + number + " " + i)).bytes();
        }
        return Arrays.copyOf(Nars.concat(parts), size);
    }

    private static byte[] path(String name) {
        return Nars.ascii("/nix/store/" + TestStore.digest(name) + "-" + name);
    }

    private static byte[] nar() {
        byte[] newline = Nars.ascii("\n");
        byte[] near = Nars.concat(
                path("a"),
                Nars.ascii(" "),
                path("b"),
                newline,
                noise(0, 500),
                path("a"),
                newline,
                noise(1, 129),
                path("c"),
                newline);
        byte[] large = Nars.concat(
                noise(2, 70_000),
                new byte[1],
                path("a"),
                Nars.ascii(":"),
                path("b"),
                Nars.ascii(":"),
                path("c"),
                new byte[1],
                noise(3, 90_000));
        byte[][] lines = new byte[160][];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = Nars.concat(path("line-" + i % 40), newline);
        }
        return Nars.files(near, large, Nars.concat(lines), noise(4, 300_000));
    }

    private static byte[] golden(String node) throws IOException {
        return Golden.load(NarDagGoldenTest.class, "nar-dag-" + node);
    }

    private static List<byte[]> nodes(BlockMap blocks) {
        return blocks.blocks().entrySet().stream()
                .filter(block -> block.getKey().codec() == Codec.DAG_PB)
                .map(Map.Entry::getValue)
                .toList();
    }

    @Test
    void dag_golden_isMade(@TempDir Path directory) throws IOException {
        byte[] nar = nar();
        assertThat(Sha256.hash(nar).toHex()).isEqualTo(NAR_HASH);
        BlockMap blocks = new BlockMap();
        try (TestStore store = TestStore.open(directory)) {
            store.ingest(nar);
            store.nars().flush();
            try (StoredNar stored = store.nars().openStored(Sha256.hash(nar)).orElseThrow()) {
                NarDag dag = NarDag.of(stored);
                dag.visit(stored, blocks);
                assertThat(nodes(blocks))
                        .containsExactly(golden("root"), golden("run-0"), golden("run-1"), golden("run-2"));
                assertThat(dag.root()).hasToString("bafybeiap32i5yrm5iovzui6fpykixemphcsicgca26zolyg2t5qs2jqp5m");
                assertThat(dag.leaves()).isEqualTo(27);
                assertThat(blocks.cat(dag.root())).isEqualTo(nar);
            }
        }
    }
}
