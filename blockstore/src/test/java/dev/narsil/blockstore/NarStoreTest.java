package dev.narsil.blockstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.testing.Nars;
import dev.narsil.blockstore.testing.TestStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store as a whole: its records, its order, its end. */
class NarStoreTest {

    @Test
    void write_records_areDurable(@TempDir Path directory) throws IOException {
        byte[] key = {7};
        try (TestStore store = TestStore.open(directory)) {
            CompletableFuture<Void> written = store.nars().write(List.of(new Entry(Table.TOKEN, key, new byte[] {8})));
            store.nars().expedite();
            TestStore.await(written);
        }
        try (TestStore store = TestStore.open(directory)) {
            List<byte[]> seen = new ArrayList<>();
            store.nars().forEachRecord(Table.TOKEN, (at, value) -> seen.add(value));
            assertThat(seen).hasSize(1);
            assertThat(seen.getFirst()).containsExactly(8);
        }
    }

    @Test
    void forEachPath_visitsPathsInOrderOfTheirDigestsBytes(@TempDir Path directory) throws IOException {
        try (TestStore store = TestStore.open(directory)) {
            List<PathInfo> added = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                byte[] nar = Nars.small(i % 3);
                store.ingest(nar);
                PathInfo info = TestStore.info("path" + i, nar);
                added.add(info);
                var _ = store.nars().publish(info);
            }
            store.nars().flush();
            List<PathInfo> visited = new ArrayList<>();
            store.nars().forEachPath(visited::add);
            assertThat(visited).containsExactlyInAnyOrderElementsOf(added);
            assertThat(visited)
                    .extracting(info -> info.path().digest().bytes())
                    .isSortedAccordingTo(Arrays::compareUnsigned);
        }
    }

    @Test
    void flush_withoutPublish_makesTheNarDurable(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(3);
        try (TestStore store = TestStore.open(directory)) {
            store.ingest(nar);
            store.nars().flush();
            assertThat(store.opens(Sha256.hash(nar))).isTrue();
        }
    }

    @Test
    void close_withUnfinishedBusiness_makesItDurable(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(4);
        PathInfo info = TestStore.info("last", nar);
        CompletableFuture<Void> published;
        try (TestStore store = TestStore.open(directory)) {
            store.ingest(nar);
            published = store.nars().publish(info);
        }
        assertThat(published).isCompleted();
        try (TestStore store = TestStore.open(directory)) {
            assertThat(store.nars().path(info.path().digest())).contains(info);
            assertThat(store.read(info.narHash())).isEqualTo(nar);
        }
    }

    @Test
    void close_thenUse_saysSo(@TempDir Path directory) throws IOException {
        byte[] nar = Nars.random(5);
        byte[] other = Nars.random(6);
        TestStore store = TestStore.open(directory);
        PathInfo info = store.add("path", nar);
        NarReader opened = store.nars().openNar(info.narHash()).orElseThrow();
        NarIngest begun = store.nars().ingest(Sha256.hash(other), other.length);
        store.close();
        store.close();
        assertClosed(() -> store.nars().path(info.path().digest()));
        assertClosed(() -> store.nars().hasNar(info.narHash()));
        assertClosed(() -> store.nars().openNar(info.narHash()));
        assertClosed(() -> store.nars().openRange(info.narHash(), 0, 1));
        assertClosed(() -> store.nars().publish(info));
        assertClosed(() -> store.nars().flush());
        assertClosed(() -> store.nars().stats());
        assertClosed(() -> store.nars().verify(VerifyProgress.NONE));
        assertClosed(() -> store.nars().ingest(info.narHash(), 1));
        assertClosed(() -> store.nars().forEachPath(path -> {}));
        assertClosed(() -> TestStore.drain(opened));
        assertClosed(() -> {
            begun.write(other, 0, other.length);
            begun.finish();
        });
        begun.close();
    }

    private static void assertClosed(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(StoreException.class).hasMessageContaining("closed");
    }
}
