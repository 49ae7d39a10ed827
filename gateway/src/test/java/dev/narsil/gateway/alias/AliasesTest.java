package dev.narsil.gateway.alias;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AliasesTest {

    private static final Instant CREATED = Instant.parse("2027-01-01T00:00:00Z");

    @TempDir
    Path directory;

    private NarStore store;
    private Instant now = CREATED;
    private Aliases aliases;

    @BeforeEach
    void open() throws IOException {
        store = new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
        aliases = new Aliases(store, () -> now);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Test
    void find_stored_isIt() throws IOException {
        Alias alias = alias(1, CREATED);
        write(List.of(Aliases.entry(hash(1), alias)));

        assertThat(aliases.find(hash(1))).contains(alias);
        assertThat(aliases.find(hash(2))).isEmpty();
    }

    @Test
    void find_afterItsLifetime_isEmpty() throws IOException {
        write(List.of(Aliases.entry(hash(1), alias(1, CREATED))));

        now = CREATED.plus(Aliases.LIFETIME);
        assertThat(aliases.find(hash(1))).isPresent();
        now = now.plusSeconds(1);
        assertThat(aliases.find(hash(1))).isEmpty();
    }

    @Test
    void find_ofAFormThatIsNotWrittenAnyMore_isEmpty() throws IOException {
        Alias other = new Alias(Compression.BZIP2, 200, hash(9), 96, 60, 61, 0, CREATED.getEpochSecond());
        write(List.of(Aliases.entry(hash(1), other)));

        assertThat(aliases.find(hash(1))).isEmpty();
    }

    @Test
    void find_corruptRecord_isEmptyAndCounted() throws IOException {
        write(List.of(new Entry(Table.ALIAS, hash(1).bytes(), new byte[10])));

        assertThat(aliases.find(hash(1))).isEmpty();
        assertThat(aliases.find(hash(1))).isEmpty();
        assertThat(aliases.unreadable()).isEqualTo(2);
    }

    @Test
    void renew_narStored_nameLivesOnFromThen() throws IOException {
        Alias alias = store(CREATED);
        now = CREATED.plus(Aliases.LIFETIME);

        assertThat(renew()).isTrue();

        assertThat(aliases.find(hash(1)).orElseThrow()).isEqualTo(alias.told(now));
        now = now.plus(Aliases.LIFETIME);
        assertThat(aliases.find(hash(1))).isPresent();
    }

    @Test
    void renew_aliasOfToday_isNotWrittenAnew() throws IOException {
        Alias alias = store(CREATED);
        now = CREATED.plus(Aliases.RENEWED_AFTER);

        assertThat(renew()).isTrue();

        assertThat(aliases.find(hash(1))).contains(alias);
    }

    @Test
    void renew_narNotStoredOrAliasTooOld_isEmpty() throws IOException {
        write(List.of(Aliases.entry(hash(2), alias(2, CREATED))));
        assertThat(aliases.renew(hash(2))).isEmpty();

        store(CREATED);
        now = CREATED.plus(Aliases.LIFETIME).plusSeconds(1);
        assertThat(aliases.renew(hash(1))).isEmpty();
    }

    @Test
    void removeExpired_corruptRecord_isRemovedAndItsNarStays() throws IOException {
        Alias alias = store(CREATED);
        write(List.of(new Entry(Table.ALIAS, hash(1).bytes(), new byte[10])));

        assertThat(aliases.removeExpired().join()).isOne();

        assertThat(store.record(Table.ALIAS, hash(1).bytes())).isNull();
        assertThat(store.storedNarSize(alias.narHash())).contains(alias.narSize());
    }

    @Test
    void removeExpired_expiredAMomentAgo_isLeftToWhoeverRenewsIt() throws IOException {
        store(CREATED);
        now = CREATED.plus(Aliases.LIFETIME).plusSeconds(1);
        assertThat(aliases.removeExpired().join()).isZero();
    }

    @Test
    void removeExpired_someOld_removesThose() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 1500; i++) {
            entries.add(Aliases.entry(hash(i), alias(i, i % 3 == 0 ? CREATED : CREATED.plus(Duration.ofDays(2)))));
        }
        write(entries);
        now = CREATED.plus(Aliases.LIFETIME).plus(Duration.ofDays(1));

        assertThat(aliases.removeExpired().join()).isEqualTo(500);
        assertThat(aliases.removeExpired().join()).isZero();
        assertThat(store.record(Table.ALIAS, hash(0).bytes())).isNull();
        assertThat(aliases.find(hash(1))).isPresent();
    }

    private boolean renew() throws IOException {
        Optional<Aliases.Renewed> renewed = aliases.renew(hash(1));
        store.flush();
        renewed.ifPresent(alias -> alias.durable().join());
        return renewed.isPresent();
    }

    /** Stores a NAR and gives it an alias under the first hash. */
    private Alias store(Instant told) throws IOException {
        byte[] nar = new RandomNar(1, StoreDir.DEFAULT, 2, 100).bytes(List.of());
        try (NarIngest ingest = store.ingest((long) nar.length);
                AliasMeter meter = new AliasMeter(Compression.XZ)) {
            ingest.write(nar, 0, nar.length);
            meter.write(nar);
            Alias alias = meter.finish(ingest.finish().narHash(), 1234, told);
            var kept = store.keep(alias.narHash(), told, List.of(Aliases.entry(hash(1), alias)));
            store.flush();
            kept.join();
            return alias;
        }
    }

    private void write(List<Entry> entries) throws IOException {
        var written = store.write(entries);
        store.expedite();
        written.join();
    }

    private static Sha256 hash(int number) {
        return Sha256.hash(new byte[] {(byte) number, (byte) (number >> 8)});
    }

    private static Alias alias(int number, Instant created) throws IOException {
        try (AliasMeter meter = new AliasMeter(Compression.XZ)) {
            meter.write(new byte[96]);
            return meter.finish(hash(number), 1234, created);
        }
    }
}
