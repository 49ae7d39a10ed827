package dev.narsil.gateway.alias;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarStore;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The aliases of a store, by the hash of the file that a client uploaded. Safe for use by many threads; its methods wait for
 * the disk and call native code.
 */
public final class Aliases {

    /**
     * How long a file can be had under the name the client gave it. Clients remember a narinfo, and with it the name, for
     * as long (Nix's {@code narinfo-cache-positive-ttl}).
     */
    public static final Duration LIFETIME = Duration.ofDays(30);

    /** Most aliases that are removed together. */
    private static final int REMOVED_TOGETHER = 1024;

    private final NarStore store;
    private final InstantSource clock;

    /** The aliases of {@code store}. */
    public Aliases(NarStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /**
     * Returns the alias of a file; empty if there is none, it is too old, or its form is written no more.
     *
     * @throws IOException if the store has trouble, or the record is corrupt or of a newer version
     */
    public Optional<Alias> find(Sha256 fileHash) throws IOException {
        byte[] bytes = store.record(Table.ALIAS, fileHash.bytes());
        if (bytes == null) {
            return Optional.empty();
        }
        Alias alias = Alias.decode(bytes);
        boolean served = !isExpired(alias)
                && alias.version() == AliasForm.of(alias.compression()).version();
        return served ? Optional.of(alias) : Optional.empty();
    }

    /** Returns what to write into the store for a file to have an alias. */
    public static Entry entry(Sha256 fileHash, Alias alias) {
        return new Entry(Table.ALIAS, fileHash.bytes(), alias.encode());
    }

    /** Removes the aliases that are too old, by reading all; returns how many, once that is durable. */
    public int removeExpired() throws IOException {
        List<Entry> batch = new ArrayList<>();
        List<CompletableFuture<Void>> removals = new ArrayList<>();
        int[] removed = {0};
        store.forEachRecord(Table.ALIAS, (key, value) -> {
            if (isExpired(Alias.decode(value))) {
                batch.add(new Entry(Table.ALIAS, key, null));
                removed[0]++;
            }
            if (batch.size() == REMOVED_TOGETHER) {
                removals.add(store.write(List.copyOf(batch)));
                batch.clear();
            }
        });
        if (!batch.isEmpty()) {
            removals.add(store.write(List.copyOf(batch)));
        }
        store.flush();
        return removed[0];
    }

    private boolean isExpired(Alias alias) {
        return clock.instant().getEpochSecond() - alias.createdSeconds() > LIFETIME.toSeconds();
    }
}
