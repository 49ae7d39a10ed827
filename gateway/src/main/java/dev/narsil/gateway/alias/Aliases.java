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

    /** Most aliases that are removed at a time. */
    public static final int MAX_REMOVED = 10_000;

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

    /**
     * Removes aliases that are too old, by reading all. Returns how many, once that is durable; if it is {@link
     * #MAX_REMOVED}, there may be more.
     */
    public CompletableFuture<Integer> removeExpired() throws IOException {
        List<Entry> expired = new ArrayList<>();
        store.forEachRecord(Table.ALIAS, (key, value) -> {
            if (expired.size() < MAX_REMOVED && isExpired(Alias.decode(value))) {
                expired.add(new Entry(Table.ALIAS, key, null));
            }
        });
        if (expired.isEmpty()) {
            return CompletableFuture.completedFuture(0);
        }
        return store.write(expired).thenApply(v -> expired.size());
    }

    private boolean isExpired(Alias alias) {
        return clock.instant().getEpochSecond() - alias.createdSeconds() > LIFETIME.toSeconds();
    }
}
