package dev.narsil.blockstore.ipfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.Recipe;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.StoredNar;
import dev.narsil.blockstore.ipfs.car.CarBlock;
import dev.narsil.blockstore.ipfs.car.CarReader;
import dev.narsil.blockstore.ipfs.car.CarWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile.Child;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.Seeds;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.strip.HoleTable;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NarDagTest {

    private static final NarDag.Visitor WANTS_NOTHING = new NarDag.Visitor() {
        @Override
        public boolean wants(Cid cid) {
            return false;
        }

        @Override
        public void block(Cid cid, byte[] buffer, int off, int length) {
            throw new AssertionError("not wanted: " + cid);
        }
    };

    static LongStream seeds() {
        return Seeds.fresh(4);
    }

    private static StoredNar open(TestStore store, byte[] nar) throws IOException {
        return store.nars().openStored(Sha256.hash(nar)).orElseThrow();
    }

    private static NarDag add(TestStore store, byte[] nar, NarDag.Visitor visitor) throws IOException {
        store.ingest(nar);
        store.nars().flush();
        try (StoredNar stored = open(store, nar)) {
            NarDag dag = NarDag.of(stored);
            dag.visit(stored, visitor);
            return dag;
        }
    }

    private static void assertIs(NarDag dag, byte[] nar, BlockMap blocks) throws IOException {
        assertThat(dag.narHash()).isEqualTo(Sha256.hash(nar));
        assertThat(dag.narSize()).isEqualTo(nar.length);
        assertThat(blocks.cat(dag.root())).isEqualTo(nar);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void dag_ofAnyNar_isTheNar(long seed, @TempDir Path directory) throws IOException {
        byte[] nar = RandomNar.of(seed).bytes(RandomNar.digests(seed, 8));
        BlockMap blocks = new BlockMap();
        try (TestStore store = TestStore.open(directory)) {
            NarDag dag = add(store, nar, blocks);
            assertIs(dag, nar, blocks);
            assertThat(blocks.count(Codec.DAG_PB)).isEqualTo(dag.nodes());
            assertThat(blocks.blocks().keySet().iterator().next()).isEqualTo(dag.root());
            try (StoredNar opened = open(store, nar)) {
                Recipe recipe = opened.recipe();
                HoleTable holes = recipe.holes();
                assertThat(holes.size()).isGreaterThan(8);
                long start = 0;
                for (int i = 0; i < recipe.blocks(); i++) {
                    long end = start + recipe.length(i);
                    int hole = holes.firstEndingAfter(start);
                    boolean plain = hole == holes.size() || holes.offset(hole) >= end;
                    assertThat(blocks.blocks().containsKey(Cid.of(Codec.RAW, recipe.id(i))))
                            .as("block %d of %d", i, recipe.blocks())
                            .isEqualTo(plain);
                    start = end;
                }
            }
        }
    }

    @Test
    void block_withoutHoles_isTheLeafOfItsId(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.file(Nars.noise(1, 3 << 20));
        BlockMap blocks = new BlockMap();
        try (TestStore store = TestStore.open(directory)) {
            NarDag dag = add(store, nar, blocks);
            List<Cid> ids = new ArrayList<>();
            try (StoredNar stored = open(store, nar)) {
                for (int i = 0; i < stored.recipe().blocks(); i++) {
                    ids.add(Cid.of(Codec.RAW, stored.recipe().id(i)));
                }
            }
            byte[] root = blocks.get(dag.root());
            assertThat(UnixFsFile.decode(root).children().stream().map(Child::cid))
                    .isEqualTo(ids);
            assertThat(dag.leaves()).isEqualTo(ids.size());
            assertThat(dag.tsize()).isEqualTo(nar.length + root.length);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void rebuild_thatChangesDigestsOnly_addsTheRootAndItsManifest(long seed, @TempDir Path directory)
            throws IOException {
        // few enough references for one node
        assertThat(addedByRebuild(new RandomNar(seed, StoreDir.DEFAULT, 12, 32 << 10), seed, directory))
                .isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void rebuild_ofANarOfManyReferences_addsItsManifestAndNodesOnly(long seed, @TempDir Path directory)
            throws IOException {
        assertThat(addedByRebuild(new RandomNar(seed, StoreDir.DEFAULT, 60, 256 << 10), seed, directory))
                .isBetween(2, 30);
    }

    /**
     * Publishes two NARs that differ in digests, and returns the number of blocks that the second one adds; none is
     * raw.
     */
    private static int addedByRebuild(RandomNar nar, long seed, Path directory) throws IOException {
        byte[] first = nar.bytes(RandomNar.digests(seed, 8));
        byte[] second = nar.bytes(RandomNar.digests(seed + 1, 8));
        BlockMap blocks = new BlockMap();
        try (TestStore store = TestStore.open(directory)) {
            publish(store, first, blocks);
            int before = blocks.blocks().size();
            long rawBefore = blocks.count(Codec.RAW);
            assertIs(publish(store, second, blocks), second, blocks);
            assertThat(blocks.count(Codec.RAW)).isEqualTo(rawBefore).isPositive();
            return blocks.blocks().size() - before;
        }
    }

    @Test
    void rebuild_ofALargeNarWithFewReferences_addsFewBytes(@TempDir Path directory) throws IOException {
        byte[] before = Nars.noise(1, 6 << 20);
        byte[] after = Nars.noise(2, 6 << 20);
        BlockMap blocks = new BlockMap();
        try (TestStore store = TestStore.open(directory)) {
            byte[] nar = Nars.file(Nars.concat(before, Nars.reference(TestStore.digest("a")), after));
            assertThat(add(store, nar, blocks).leaves()).isGreaterThan(200);
            int had = blocks.blocks().size();
            byte[] rebuild = Nars.file(Nars.concat(before, Nars.reference(TestStore.digest("b")), after));
            NarDag second = add(store, rebuild, blocks);
            assertIs(second, rebuild, blocks);
            assertThat(blocks.blocks()).hasSize(had + 1);
            assertThat(blocks.get(second.root())).hasSizeLessThan(300);
        }
    }

    private static NarDag publish(TestStore store, byte[] nar, BlockMap blocks) throws IOException {
        NarDag dag = add(store, nar, blocks);
        byte[] manifest = Manifest.of(StoreDir.DEFAULT, TestStore.info("a", nar), dag.root())
                .encode();
        blocks.add(Manifest.cid(manifest), manifest);
        return dag;
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void dag_inStoresFilledDifferently_isTheSame(long seed, @TempDir Path one, @TempDir Path two) throws IOException {
        RandomNar random = RandomNar.of(seed);
        byte[] nar = random.bytes(RandomNar.digests(seed, 8));
        byte[] rebuild = random.bytes(RandomNar.digests(seed + 1, 8));
        BlockMap blocks = new BlockMap();
        BlockMap others = new BlockMap();
        try (TestStore store = TestStore.open(one);
                TestStore other = TestStore.open(two)) {
            NarDag dag = add(store, nar, blocks);
            // the blocks of the NAR lie in packs of others here, and it comes last, unannounced and in small pieces
            add(other, rebuild, WANTS_NOTHING);
            add(other, Nars.random(seed + 2), WANTS_NOTHING);
            add(other, Nars.file(Arrays.copyOf(nar, nar.length / 2)), WANTS_NOTHING);
            try (NarIngest ingest = other.nars().ingest(Long.MAX_VALUE)) {
                for (int at = 0; at < nar.length; at += 777) {
                    ingest.write(nar, at, Math.min(777, nar.length - at));
                }
                ingest.finish();
            }
            other.nars().flush();
            try (StoredNar stored = open(other, nar)) {
                NarDag otherDag = NarDag.of(stored);
                otherDag.visit(stored, others);
                assertThat(otherDag.root()).isEqualTo(dag.root());
                assertThat(others.blocks().keySet())
                        .containsExactlyElementsOf(blocks.blocks().keySet());
            }
        }
    }

    @Test
    void dag_ofManyLeaves_hasSeveralLevels(@TempDir Path directory) throws IOException {
        byte[] nar = manyReferences();
        BlockMap blocks = new BlockMap();
        try (TestStore store = TestStore.open(directory)) {
            NarDag dag = add(store, nar, blocks);
            assertIs(dag, nar, blocks);
            assertThat(dag.leaves()).isGreaterThan(2 * NarDag.MAX_LINKS);
            // there are never four leaves without a digest together
            assertThat(dag.nodes()).isEqualTo(1 + (int) Math.ceilDiv(dag.leaves(), NarDag.MAX_LINKS));
        }
    }

    /** A file with 1500 references, so far from each other that each is a leaf, and what is between them too. */
    private static byte[] manyReferences() {
        List<byte[]> parts = new ArrayList<>();
        for (int i = 0; i < 1500; i++) {
            Digest digest = TestStore.digest("digest " + i % 7);
            parts.add(Nars.concat(Nars.reference(digest), Nars.noise(i, 200)));
        }
        return Nars.file(Nars.concat(parts.toArray(byte[][]::new)));
    }

    @Test
    void visit_equalLeaves_givesThemOnce(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.files(new byte[1 << 20], Nars.noise(1, 50_000), new byte[1 << 20], Nars.noise(1, 50_000));
        BlockMap blocks = new BlockMap();
        try (TestStore store = TestStore.open(directory)) {
            NarDag dag = add(store, nar, blocks);
            assertIs(dag, nar, blocks);
            assertThat(blocks.count(Codec.RAW)).isLessThan(dag.leaves());
        }
    }

    @Test
    void visit_whatIsWantedOnly_readsNoMore(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.concat(Nars.file(Nars.noise(1, 3 << 20)), Nars.reference(TestStore.digest("a")));
        NarDag dag;
        BlockMap blocks = new BlockMap();
        try (TestStore store = TestStore.open(directory)) {
            dag = add(store, nar, blocks);
        }
        List<Cid> all = List.copyOf(blocks.blocks().keySet());
        try (TestStore store = TestStore.open(directory);
                StoredNar stored = open(store, nar)) {
            for (int step : new int[] {2, 7, 50}) {
                BlockMap some = new BlockMap();
                dag.visit(stored, new NarDag.Visitor() {
                    @Override
                    public boolean wants(Cid cid) {
                        return all.indexOf(cid) % step == 0;
                    }

                    @Override
                    public void block(Cid cid, byte[] buffer, int off, int length) {
                        some.block(cid, buffer, off, length);
                    }
                });
                List<Cid> expected = new ArrayList<>();
                for (int i = 0; i < all.size(); i += step) {
                    expected.add(all.get(i));
                }
                assertThat(some.blocks().keySet()).containsExactlyElementsOf(expected);
            }
            for (long pack = 0; pack < store.blocks().nextPack(); pack++) {
                byte[] key = ByteBuffer.allocate(Long.BYTES).putLong(pack).array();
                store.blocks().commit(List.of(new Entry(Table.PACK, key, null)));
            }
        }
        try (TestStore store = TestStore.open(directory);
                StoredNar stored = open(store, nar)) {
            dag.visit(stored, WANTS_NOTHING);
            assertThatThrownBy(() -> dag.visit(stored, new BlockMap()))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.CORRUPT));
            assertThatThrownBy(() -> NarDag.of(stored)).isInstanceOf(StoreException.class);
        }
    }

    @Test
    void dag_ofNothing_isTheEmptyFile(@TempDir Path directory) throws IOException {
        byte[] nar = {};
        BlockMap blocks = new BlockMap();
        try (TestStore store = TestStore.open(directory)) {
            NarDag dag = add(store, nar, blocks);
            assertIs(dag, nar, blocks);
            assertThat(dag.root()).hasToString("bafybeif7ztnhq65lumvvtr4ekcwd2ifwgm3awq4zfr3srh462rwyinlb4y");
            assertThat(dag.leaves()).isZero();
        }
    }

    @Test
    void dag_ofOpaqueBytes_isTheBytes(@TempDir Path directory) throws IOException {
        byte[] bytes =
                Nars.concat(Nars.noise(1, 300_000), Nars.reference(TestStore.digest("a")), Nars.noise(2, 300_000));
        BlockMap blocks = new BlockMap();
        try (TestStore store = TestStore.open(directory)) {
            assertIs(add(store, bytes, blocks), bytes, blocks);
        }
    }

    @Test
    void dag_ofMoreNodesThanThereIsMemoryFor_isRefused(@TempDir Path directory) throws IOException {
        byte[] nar = manyReferences();
        try (TestStore store = TestStore.open(directory)) {
            store.ingest(nar);
            store.nars().flush();
            try (StoredNar stored = open(store, nar)) {
                assertThat(NarDag.of(stored, 200_000).nodes()).isPositive();
                assertThatThrownBy(() -> NarDag.of(stored, 50_000))
                        .isInstanceOf(StoreException.class)
                        .hasMessageContaining("more than 50000 bytes");
            }
        }
    }

    @Test
    void visit_ofAnotherNar_isRefused(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(1);
        byte[] other = Nars.random(2);
        try (TestStore store = TestStore.open(directory)) {
            NarDag dag = add(store, nar, new BlockMap());
            add(store, other, WANTS_NOTHING);
            try (StoredNar stored = open(store, other)) {
                assertThatThrownBy(() -> dag.visit(stored, new BlockMap()))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void car_ofADag_isReadBackInItsOrder(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(3);
        BlockMap blocks = new BlockMap();
        ByteArrayOutputStream car = new ByteArrayOutputStream();
        try (TestStore store = TestStore.open(directory)) {
            NarDag dag = add(store, nar, blocks);
            CarWriter writer = new CarWriter(car, List.of(dag.root()));
            for (Map.Entry<Cid, byte[]> block : blocks.blocks().entrySet()) {
                writer.block(block.getKey(), block.getValue(), 0, block.getValue().length);
            }
            CarReader reader = new CarReader(new ByteArrayInputStream(car.toByteArray()));
            BlockMap read = new BlockMap();
            for (CarBlock block = reader.next(); block != null; block = reader.next()) {
                read.add(block.cid(), block.bytes());
            }
            assertThat(reader.roots()).containsExactly(dag.root());
            assertThat(read.blocks().keySet())
                    .containsExactlyElementsOf(blocks.blocks().keySet());
            assertIs(dag, nar, read);
        }
    }
}
