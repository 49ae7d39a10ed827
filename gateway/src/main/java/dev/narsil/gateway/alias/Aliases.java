package dev.narsil.gateway.alias;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The aliases of a store, by the hash of the file that a client uploaded. Safe for use by many threads; its methods wait for
 * the disk and call native code.
 */
public final class Aliases {

    private static final Logger LOG = LoggerFactory.getLogger(Aliases.class);

    /** How long clients remember a narinfo, and the name in it (Nix's {@code narinfo-cache-positive-ttl}). */
    static final Duration CLIENT_MEMORY = Duration.ofDays(30);

    /** An alias that is younger than this is as good as a new one. */
    static final Duration RENEWED_AFTER = Duration.ofDays(1);

    /** How long a file can be had under the name a client gave it, at least, after a client was told that it can. */
    public static final Duration LIFETIME = CLIENT_MEMORY.plus(RENEWED_AFTER);

    /** For how long an alias has expired when it is removed: whoever found it just before is done with renewing it. */
    static final Duration REMOVED_AFTER = Duration.ofHours(1);

    /** Most aliases that are removed at a time. */
    public static final int MAX_REMOVED = 10_000;

    private final NarStore store;
    private final InstantSource clock;
    private final LongAdder unreadable = new LongAdder();
    private final AtomicBoolean told = new AtomicBoolean();

    /**
     * An alias that a client was told of.
     *
     * @param durable completes when what was written for that is durable
     */
    public record Renewed(Alias alias, CompletableFuture<Void> durable) {}

    /** The aliases of {@code store}. */
    public Aliases(NarStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /**
     * Returns the alias of a file; empty if there is none that can be read, it is too old, or its form is written no more.
     *
     * @throws IOException if the store has trouble
     */
    public Optional<Alias> find(Sha256 fileHash) throws IOException {
        byte[] bytes = store.record(Table.ALIAS, fileHash.bytes());
        Alias alias = bytes == null ? null : decode(fileHash.bytes(), bytes);
        if (alias == null
                || isOlder(alias, LIFETIME)
                || alias.version() != AliasForm.of(alias.compression()).version()) {
            return Optional.empty();
        }
        return Optional.of(alias);
    }

    /**
     * As {@link #find}, if the NAR is stored too, for a client that is told so: the name is good for another {@link #LIFETIME}, but
     * for up to {@link #RENEWED_AFTER}, and the NAR as {@link NarStore#renew} says.
     */
    public Optional<Renewed> renew(Sha256 fileHash) throws IOException {
        Optional<Alias> found = find(fileHash);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Alias alias = found.get();
        Instant now = clock.instant();
        List<Entry> renewed = isOlder(alias, RENEWED_AFTER) ? List.of(entry(fileHash, alias.told(now))) : List.of();
        return store.renew(alias.narHash(), now, renewed)
                .filter(nar -> nar.narSize() == alias.narSize())
                .map(nar -> new Renewed(alias, nar.durable()));
    }

    /** How many records were met that cannot be read. */
    public long unreadable() {
        return unreadable.sum();
    }

    private @Nullable Alias decode(byte[] key, byte[] value) {
        try {
            return Alias.decode(value);
        } catch (FormatException e) {
            unreadable.increment();
            if (told.compareAndSet(false, true)) {
                LOG.error(
                        "the alias {} counts as missing, as all that cannot be read: {}",
                        Sha256.of(key),
                        e.getMessage());
            }
            return null;
        }
    }

    /** Returns what to write into the store for a file to have an alias. */
    public static Entry entry(Sha256 fileHash, Alias alias) {
        return new Entry(Table.ALIAS, fileHash.bytes(), alias.encode());
    }

    /**
     * Removes aliases that are too old or cannot be read, by reading all. Returns how many, once that is durable; if it is {@link
     * #MAX_REMOVED}, there may be more.
     */
    public CompletableFuture<Integer> removeExpired() throws IOException {
        List<Entry> expired = new ArrayList<>();
        store.forEachRecord(Table.ALIAS, (key, value) -> {
            Alias alias = expired.size() < MAX_REMOVED ? decode(key, value) : null;
            if (expired.size() < MAX_REMOVED && (alias == null || isOlder(alias, LIFETIME.plus(REMOVED_AFTER)))) {
                expired.add(new Entry(Table.ALIAS, key, null));
            }
        });
        if (expired.isEmpty()) {
            return CompletableFuture.completedFuture(0);
        }
        return store.write(expired).thenApply(v -> expired.size());
    }

    private boolean isOlder(Alias alias, Duration age) {
        return clock.instant().getEpochSecond() - alias.toldSeconds() > age.toSeconds();
    }
}
