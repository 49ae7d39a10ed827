package dev.narsil.gateway.collect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.VerifyProgress;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.alias.Alias;
import dev.narsil.gateway.alias.AliasForm;
import dev.narsil.gateway.alias.Aliases;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class CollectionScheduleTest {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Duration INTERVAL = Duration.ofMillis(10);

    private final AtomicLong questions = new AtomicLong();
    private final InstantSource clock = () -> {
        questions.incrementAndGet();
        return NOW;
    };

    @TempDir
    private Path folder;

    private NarStore store;

    @BeforeEach
    void open() throws IOException {
        store = new NarStore(RocksBlockStore.open(folder, StoreOptions.DEFAULT), 16 << 20);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private Sha256 keep(String text, Instant since, Entry... records) throws Exception {
        byte[] nar = text.getBytes(StandardCharsets.UTF_8);
        try (NarIngest ingest = store.ingest(nar.length)) {
            ingest.write(nar, 0, nar.length);
            Sha256 hash = ingest.finish().narHash();
            CompletableFuture<Void> kept = store.keep(hash, since, List.of(records));
            store.expedite();
            kept.get();
            return hash;
        }
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    private static Entry alias(Sha256 fileHash, String nar) {
        byte[] bytes = nar.getBytes(StandardCharsets.UTF_8);
        Alias alias = new Alias(
                Compression.NONE,
                AliasForm.of(Compression.NONE).version(),
                Sha256.hash(bytes),
                bytes.length,
                bytes.length,
                bytes.length,
                0,
                NOW.getEpochSecond());
        return Aliases.entry(fileHash, alias);
    }

    @Test
    void schedule_narUnclaimedForADay_goesWithItsAlias() throws Exception {
        Sha256 file = Sha256.hash(new byte[1]);
        Sha256 unreadable = Sha256.hash(new byte[2]);
        Sha256 old = keep(
                "old",
                NOW.minus(Duration.ofHours(25)),
                alias(file, "old"),
                new Entry(Table.OBJECT, unreadable.bytes(), new byte[] {1}));
        Sha256 young = keep("young", NOW.minus(Duration.ofHours(23)));
        try (CollectionSchedule schedule = CollectionSchedule.start(store, clock, INTERVAL)) {
            await(() -> schedule.collections() > 0);
            assertThat(store.hasNar(old)).isFalse();
            assertThat(store.record(Table.ALIAS, file.bytes())).isNull();
            assertThat(store.record(Table.OBJECT, unreadable.bytes())).isNotNull();
            assertThat(store.hasNar(young)).isTrue();

            Sha256 late = keep("late", NOW.minus(Duration.ofHours(24)).minusSeconds(1));
            await(() -> schedule.collections() > 1);
            assertThat(store.hasNar(late)).isFalse();
        }
        assertThat(store.verify(VerifyProgress.NONE).problems()).isEmpty();
    }

    @Test
    void schedule_nothingToCollect_collectsOnceAfterTheStartOnly() throws Exception {
        keep("young", NOW.minus(Duration.ofHours(1)));
        try (CollectionSchedule schedule = CollectionSchedule.start(store, clock, INTERVAL)) {
            await(() -> schedule.collections() > 0);
            long then = questions.get();
            await(() -> questions.get() > then + 5);
            assertThat(schedule.collections()).isEqualTo(1);
        }
    }

    @Test
    void schedule_closed_collectsNoMore() throws Exception {
        CollectionSchedule schedule = CollectionSchedule.start(store, clock, INTERVAL);
        await(() -> schedule.collections() > 0);
        schedule.close();
        Sha256 old = keep("old", NOW.minus(Duration.ofHours(25)));
        assertThat(store.hasNar(old)).isTrue();
        assertThat(schedule.collections()).isEqualTo(1);
    }
}
