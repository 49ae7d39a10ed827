package dev.narsil.blockstore.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.StoreException.Kind;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.VerifyProgress;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.blockstore.testing.ChildJvm;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.RawDb;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.chunker.ChunkerParameters;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpeningTest {

    private static final byte[] FORMAT = Nars.ascii("format");
    private static final byte[] NEXT_PACK = Nars.ascii("next-pack");

    private final Path directory;

    OpeningTest(@TempDir Path parent) {
        this.directory = parent.resolve("not/there/yet");
    }

    private void fill() throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            store.add("path", Nars.random(1));
        }
    }

    /** Tells whether opening is refused in this way, and leaves the directory to others. */
    private void assertRefused(StoreOptions options, Kind kind, String... words) {
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> RocksBlockStore.open(directory, options))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                    .hasMessageContainingAll(words);
        }
    }

    @Test
    void open_directoryThatIsNotThere_makesIt() throws IOException {
        fill();
        try (RocksBlockStore store = RocksBlockStore.open(directory, TestStore.OPTIONS)) {
            assertThat(store.storeDir()).isEqualTo(StoreDir.DEFAULT);
            assertThat(store.chunker()).isEqualTo(ChunkerParameters.DEFAULT);
            assertThat(store.nextPack()).isEqualTo(1);
        }
        assertThat(directory.resolve("lock")).exists();
    }

    @Test
    void open_otherStoreDir_isRefused() throws IOException {
        fill();
        StoreOptions other = new StoreOptions(new StoreDir("/gnu/store"), ChunkerParameters.DEFAULT, 1 << 20);
        assertRefused(other, Kind.INCOMPATIBLE, "cannot be opened", "/nix/store", "/gnu/store");
        RocksBlockStore.open(directory, TestStore.OPTIONS).close();
    }

    @Test
    void open_otherChunkerParameters_isRefused() throws IOException {
        fill();
        for (ChunkerParameters other : List.of(
                new ChunkerParameters(4 << 10, 32 << 10, 128 << 10),
                new ChunkerParameters(8 << 10, 16 << 10, 128 << 10),
                new ChunkerParameters(8 << 10, 32 << 10, 256 << 10))) {
            assertRefused(
                    new StoreOptions(StoreDir.DEFAULT, other, 1 << 20),
                    Kind.INCOMPATIBLE,
                    "8192/32768/131072",
                    other.min() + "/" + other.average() + "/" + other.max());
        }
        RocksBlockStore.open(directory, TestStore.OPTIONS).close();
    }

    @Test
    void options_blocksLargerThanAPack_areRefused() {
        ChunkerParameters tooLarge = new ChunkerParameters(8 << 10, 32 << 10, 2 << 20);
        assertThatThrownBy(() -> new StoreOptions(StoreDir.DEFAULT, tooLarge, 1 << 20))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2097152");
    }

    @Test
    void open_otherCutRuleOrThreshold_isRefused() throws IOException {
        fill();
        putFormat(new StoreFormat(StoreDir.DEFAULT, "gear-9", ChunkerParameters.DEFAULT, 16 << 10, new UUID(1, 2))
                .encode());
        assertRefused(TestStore.OPTIONS, Kind.INCOMPATIBLE, "gear-9");
        putFormat(
                new StoreFormat(StoreDir.DEFAULT, "gear-1", ChunkerParameters.DEFAULT, 4711, new UUID(1, 2)).encode());
        assertRefused(TestStore.OPTIONS, Kind.INCOMPATIBLE, "4711");
    }

    @Test
    void open_newerFormat_isRefused() throws IOException {
        fill();
        putFormat(new RecordWriter('M', 2).string("who knows").finish());
        assertRefused(TestStore.OPTIONS, Kind.INCOMPATIBLE, "store format is of a newer version: 2");
    }

    @Test
    void open_damagedFormat_isRefused() throws IOException {
        fill();
        putFormat(new byte[] {'M', 1, 0});
        assertRefused(TestStore.OPTIONS, Kind.CORRUPT, "store format is truncated");
        putFormat(Nars.noise(1, 60));
        assertRefused(TestStore.OPTIONS, Kind.CORRUPT, "store format is corrupt");
    }

    @Test
    void open_newerOrDamagedNumberOfPacks_isRefused() throws IOException {
        fill();
        put("meta", NEXT_PACK, new RecordWriter('C', 2).varint(1).finish());
        assertRefused(TestStore.OPTIONS, Kind.INCOMPATIBLE, "number of packs is of a newer version: 2");
        put("meta", NEXT_PACK, new byte[9]);
        assertRefused(TestStore.OPTIONS, Kind.CORRUPT, "number of packs is corrupt");
    }

    @Test
    void open_unknownColumnFamily_isRefused() throws IOException {
        fill();
        try (RawDb db = RawDb.open(directory)) {
            db.create("of-a-later-version");
        }
        assertRefused(TestStore.OPTIONS, Kind.INCOMPATIBLE, "of-a-later-version");
    }

    @Test
    void open_twiceInOneProcess_isRefused() throws IOException {
        fill();
        try (RocksBlockStore open = RocksBlockStore.open(directory, TestStore.OPTIONS)) {
            assertRefused(TestStore.OPTIONS, Kind.LOCKED, directory.toString());
            assertThat(open.nextPack()).isEqualTo(1);
        }
        RocksBlockStore.open(directory, TestStore.OPTIONS).close();
    }

    @Test
    void open_whileAnotherProcessHasIt_isRefused() throws Exception {
        fill();
        Process holder = ChildJvm.start(StoreHolder.class, directory.toString());
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.US_ASCII))) {
            assertThat(out.readLine()).isEqualTo(StoreHolder.OPEN);
            assertRefused(TestStore.OPTIONS, Kind.LOCKED, "another process", directory.toString());
            holder.getOutputStream().close();
            assertThat(holder.waitFor()).isZero();
        } finally {
            holder.destroyForcibly();
        }
        RocksBlockStore.open(directory, TestStore.OPTIONS).close();
    }

    @Test
    void open_whereAFileIs_isRefused() throws IOException {
        Files.createDirectories(directory.getParent());
        Files.writeString(directory, "a file");
        assertRefused(TestStore.OPTIONS, Kind.FAILED, "cannot keep a store in " + directory);
        assertThat(directory).hasContent("a file");
    }

    @Test
    void open_whereNothingCanBeWritten_isRefused() {
        Path nowhere = Path.of("/proc/narsil-store");
        assertThatThrownBy(() -> RocksBlockStore.open(nowhere, TestStore.OPTIONS))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("cannot keep a store in " + nowhere);
    }

    @Test
    void open_garbageInTheDatabase_isRefused() throws IOException {
        fill();
        for (String prefix : List.of("CURRENT", "MANIFEST")) {
            Path file = find(prefix);
            byte[] good = Files.readAllBytes(file);
            for (byte[] garbage : List.of(new byte[0], Nars.noise(1, 300), Nars.ascii("MANIFEST-999999\n"))) {
                Files.write(file, garbage);
                assertThatThrownBy(() -> RocksBlockStore.open(directory, TestStore.OPTIONS))
                        .as("%s of %d bytes", file, garbage.length)
                        .isInstanceOf(StoreException.class)
                        .hasMessageContaining("cannot open the store in " + directory);
            }
            Files.write(file, good);
        }
        assertSound();
    }

    @Test
    void open_filesWithoutTheOneThatNamesThem_isRefusedAndNothingIsLost() throws IOException {
        fill();
        Path current = find("CURRENT");
        byte[] good = Files.readAllBytes(current);
        Files.delete(current);
        assertRefused(TestStore.OPTIONS, Kind.CORRUPT, "cannot open the store in " + directory, "CURRENT is missing");
        Files.write(current, good);
        assertSound();
    }

    @Test
    void open_anyTableFileDamaged_isAnErrorOrTheRightBytes() throws IOException {
        fill();
        List<Path> tables;
        try (Stream<Path> files = Files.list(directory.resolve("db"))) {
            tables = files.filter(file -> file.toString().endsWith(".sst"))
                    .sorted()
                    .toList();
        }
        assertThat(tables).hasSizeGreaterThan(3);
        byte[] nar = Nars.random(1);
        int found = 0;
        for (Path table : tables) {
            byte[] good = Files.readAllBytes(table);
            byte[] bad = good.clone();
            for (int i = 0; i < bad.length; i += Math.max(1, bad.length / 40)) {
                bad[i] ^= 4;
            }
            Files.write(table, bad);
            try (TestStore store = TestStore.open(directory)) {
                found += store.nars().verify(VerifyProgress.NONE).problems().isEmpty() ? 0 : 1;
                assertThat(store.read(Sha256.hash(nar))).isEqualTo(nar);
            } catch (IOException e) {
                assertThat(e.getMessage()).isNotBlank();
                found++;
            }
            Files.write(table, good);
        }
        assertThat(found).isEqualTo(tables.size());
        assertSound();
    }

    private void assertSound() throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            byte[] nar = Nars.random(1);
            assertThat(store.read(Sha256.hash(nar))).isEqualTo(nar);
            assertThat(store.nars().verify(VerifyProgress.NONE).problems()).isEmpty();
        }
    }

    private Path find(String prefix) throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("db"))) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void putFormat(byte[] record) throws IOException {
        put("meta", FORMAT, record);
    }

    private void put(String family, byte[] key, byte[] value) throws IOException {
        try (RawDb db = RawDb.open(directory)) {
            db.put(family, key, value);
            assertThat(Arrays.equals(db.get(family, key), value)).isTrue();
        }
    }
}
