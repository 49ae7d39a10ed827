package dev.narsil.blockstore;

import static dev.narsil.blockstore.TwoNars.assertProblems;
import static dev.narsil.blockstore.TwoNars.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.testing.RawDb;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Packs and locations of blocks that are damaged or missing are found, and no NAR that needs them is given out whole.
 */
class DamagedPackTest {

    private final TwoNars nars;

    DamagedPackTest(@TempDir Path directory) throws IOException {
        this.nars = new TwoNars(directory);
    }

    @Test
    void flippedBitInABlobFile_isFoundAndNeverServed() throws IOException {
        long at = Files.size(nars.largestBlobFile()) / 2;
        try (RandomAccessFile file = new RandomAccessFile(nars.largestBlobFile().toFile(), "rw")) {
            file.seek(at);
            int b = file.read();
            file.seek(at);
            file.write(b ^ 16);
        }
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(
                    store,
                    "pack \\d+.*checksum.*",
                    "NAR " + nars.largeHash + ".*",
                    "path .*-large: its NAR is damaged");
            nars.assertNotServed(store, true);
        }
    }

    @Test
    void truncatedBlobFile_isFoundOrRefusedAndNeverServed() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(nars.largestBlobFile().toFile(), "rw")) {
            file.setLength(file.length() / 2);
        }
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(store, "pack \\d+.*", "NAR " + nars.largeHash + ".*", "path .*-large: its NAR is damaged");
            nars.assertNotServed(store, false);
        } catch (StoreException e) {
            assertThat(e.kind()).isEqualTo(StoreException.Kind.CORRUPT);
            assertThat(e).hasMessageContaining("cannot open the store");
        }
    }

    @Test
    void missingBlobFile_isFoundOrRefusedAndNeverServed() throws IOException {
        Files.delete(nars.largestBlobFile());
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(store, "pack \\d+.*", "NAR " + nars.largeHash + ".*", "path .*-large: its NAR is damaged");
            nars.assertNotServed(store, false);
        } catch (StoreException e) {
            assertThat(e).hasMessageContaining("cannot open the store").hasMessageContaining(".blob");
        }
    }

    @Test
    void missingPack_isFoundAndNeverServed() throws IOException {
        try (RawDb db = RawDb.open(nars.directory)) {
            db.delete("pack", PackCache.key(1));
        }
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(
                    store, "pack 1 is missing", "NAR " + nars.largeHash + ".*pack 1 is missing", "path .*-large: .*");
            nars.assertNotServed(store, true);
        }
    }

    @Test
    void packThatIsAnotherPack_isFoundAndNeverServed() throws IOException {
        try (RawDb db = RawDb.open(nars.directory)) {
            db.put("pack", PackCache.key(1), value(db, "pack", PackCache.key(0)));
        }
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(store, "pack 1: the index has .*", "NAR " + nars.largeHash + ".*", "path .*-large: .*");
            nars.assertNotServed(store, true);
        }
    }

    @Test
    void blockEntryPointingToAnotherBlockOfItsLength_isFoundAndNeverServed() throws IOException {
        nars.moveBlock(location -> new BlockLocation(location.pack(), location.offset() + 1, location.length()));
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(store, "pack \\d+: the index has .*", "NAR " + nars.largeHash + ".*", "path .*-large: .*");
            nars.assertNotServed(store, true);
        }
    }

    @Test
    void blockEntryPointingBeyondItsPack_isFoundAndNeverServed() throws IOException {
        nars.moveBlock(location -> new BlockLocation(location.pack(), Integer.MAX_VALUE, location.length()));
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(store, "pack \\d+: the index has .*", "NAR " + nars.largeHash + ".*", "path .*-large: .*");
            nars.assertNotServed(store, true);
        }
    }

    @Test
    void blockEntryPointingToNoPack_isFoundAndNeverServed() throws IOException {
        nars.moveBlock(location -> new BlockLocation(1L << 40, location.offset(), location.length()));
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(
                    store,
                    "block [0-9a-f]{64}: pack 1099511627776 is missing",
                    "NAR " + nars.largeHash + ".*",
                    "path .*-large: .*");
            nars.assertNotServed(store, true);
            assertThat(store.nars().stats().blocks()).isPositive();
        }
    }

    @Test
    void blockEntryThatIsNone_isFoundAndNeverServed() throws IOException {
        Sha256 block = nars.middleBlock();
        try (RawDb db = RawDb.open(nars.directory)) {
            db.put("block", block.bytes(), new byte[3]);
        }
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(store, "block " + block.toHex() + ".*location.*", "NAR .*", "path .*-large: .*");
            nars.assertNotServed(store, false);
        }
    }

    @Test
    void missingBlockEntry_isFoundAndNeverServed() throws IOException {
        Sha256 block = nars.middleBlock();
        try (RawDb db = RawDb.open(nars.directory)) {
            db.delete("block", block.bytes());
        }
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(store, "NAR .*block " + block.toHex() + " is missing", "path .*-large: .*");
            nars.assertNotServed(store, false);
        }
    }
}
