package dev.narsil.blockstore;

import static dev.narsil.blockstore.TwoNars.assertProblems;
import static dev.narsil.blockstore.TwoNars.readUntilFailure;
import static dev.narsil.blockstore.TwoNars.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.RawDb;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** NAR entries, recipes and path infos that are damaged or missing are found, and nothing wrong is given out. */
class DamagedEntryTest {

    private final TwoNars nars;

    DamagedEntryTest(@TempDir Path directory) throws IOException {
        this.nars = new TwoNars(directory);
    }

    @Test
    void missingNarEntry_isFoundAndNotServed() throws IOException {
        try (RawDb db = RawDb.open(nars.directory)) {
            db.delete("nar", nars.largeHash.bytes());
        }
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(store, "path .*-large: its NAR is missing.*");
            assertThat(store.opens(nars.largeHash)).isFalse();
            assertThat(store.read(nars.soundHash)).isEqualTo(nars.sound);
        }
    }

    @Test
    void narEntryOfAnotherNar_isFoundAndNeverServed() throws IOException {
        byte[] other = Nars.files(Nars.noise(7, 1_500_000), Nars.noise(8, 1_500_000));
        assertThat(other).hasSameSizeAs(nars.large);
        try (TestStore store = TestStore.open(nars.directory)) {
            store.add("other", other);
        }
        try (RawDb db = RawDb.open(nars.directory)) {
            db.put(
                    "nar",
                    nars.largeHash.bytes(),
                    value(db, "nar", Sha256.hash(other).bytes()));
        }
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(store, "NAR " + nars.largeHash + ".*comes back as.*", "path .*-large: its NAR is damaged");
            assertThat(readUntilFailure(store.nars().openNar(nars.largeHash).orElseThrow()))
                    .isLessThan(other.length);
        }
    }

    @Test
    void narEntryOfNoBytes_isFoundAndNeverServed() throws IOException {
        try (TestStore store = TestStore.open(nars.directory)) {
            store.ingest(new byte[0]);
        }
        try (RawDb db = RawDb.open(nars.directory)) {
            db.put(
                    "nar",
                    nars.largeHash.bytes(),
                    value(db, "nar", Sha256.hash(new byte[0]).bytes()));
        }
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(store, "NAR " + nars.largeHash + ".*comes back as.*", "path .*-large: its NAR is damaged");
            assertThat(readUntilFailure(store.nars().openNar(nars.largeHash).orElseThrow()))
                    .isZero();
        }
    }

    @Test
    void damagedNarEntry_isFoundAndNotServed() throws IOException {
        try (RawDb db = RawDb.open(nars.directory)) {
            byte[] entry = value(db, "nar", nars.largeHash.bytes());
            entry[10] ^= 1;
            db.put("nar", nars.largeHash.bytes(), entry);
        }
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(store, "NAR .*nar entry is corrupt.*", "path .*-large: its NAR is damaged");
            assertThatThrownBy(() -> store.nars().openNar(nars.largeHash)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void missingRecipe_isFoundAndNotServed() throws IOException {
        Sha256 recipe;
        try (RawDb db = RawDb.open(nars.directory)) {
            recipe = NarEntry.decode(value(db, "nar", nars.largeHash.bytes())).recipe();
            db.delete("recipe", recipe.bytes());
        }
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(store, "NAR .*its recipe " + recipe + " is missing", "path .*-large: its NAR is damaged");
            assertThatThrownBy(() -> store.nars().openNar(nars.largeHash))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("recipe");
        }
    }

    @Test
    void damagedPathInfo_isFound() throws IOException {
        byte[] key = TestStore.digest("large").bytes();
        try (RawDb db = RawDb.open(nars.directory)) {
            byte[] info = value(db, "path", key);
            info[info.length - 1] ^= 1;
            db.put("path", key, info);
        }
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(store, "path " + TestStore.digest("large") + ": path info is corrupt.*");
        }
    }

    @Test
    void pathInfoUnderAnotherDigest_isFound() throws IOException {
        try (RawDb db = RawDb.open(nars.directory)) {
            db.put(
                    "path",
                    TestStore.digest("x").bytes(),
                    value(db, "path", TestStore.digest("large").bytes()));
        }
        try (TestStore store = TestStore.open(nars.directory)) {
            assertProblems(store, "path .*-large: it is stored under another digest");
        }
    }
}
