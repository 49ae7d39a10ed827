package dev.narsil.gateway.ipfs.index;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.narinfo.PublicKey;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The indexes that a store follows. Every method blocks and calls native code; those that ask a source may take minutes,
 * so none is for the way of a request. Safe for use by many threads.
 */
public final class FollowedIndexes {

    /** Most indexes that are followed. */
    public static final int MAX_SUBSCRIPTIONS = 16;

    private static final Logger LOG = LoggerFactory.getLogger(FollowedIndexes.class);

    /** Changes go one after another, as a shard is compared with what is stored of it. */
    private static final ReentrantLock CHANGING = new ReentrantLock();

    private final IndexTable table;
    private final InstantSource clock;

    /** Those of a store. */
    public FollowedIndexes(NarStore store, InstantSource clock) {
        this.table = new IndexTable(store);
        this.clock = clock;
    }

    /**
     * What came of asking a source.
     *
     * @param subscription as it is now
     * @param shards number of shards that were fetched
     */
    public record Refreshed(FollowedIndex subscription, int shards) {}

    /** Returns all, in the order of their numbers. */
    public List<FollowedIndex> all() throws IOException {
        return List.copyOf(table.subscriptions().values());
    }

    /** Returns all by their numbers, from 0. A number is given again when its index is followed no longer. */
    public Map<Integer, FollowedIndex> byNumber() throws IOException {
        return table.subscriptions();
    }

    /** Returns how many paths are stored of a subscription. */
    public long paths(FollowedIndex subscription) throws IOException {
        Integer number = number(subscription.source());
        return number == null
                ? 0
                : table.shards(number).values().stream()
                        .mapToLong(IndexRoot.Shard::count)
                        .sum();
    }

    /**
     * Follows an index from now on, and fetches it; one that is followed already gets these keys. If it cannot be had, it
     * is not followed, unless it was before.
     *
     * @throws IOException why it cannot be had
     */
    public Refreshed subscribe(IndexSource source, List<PublicKey> keys, @Nullable KuboClient kubo) throws IOException {
        lock();
        try (IndexFetch fetch = new IndexFetch(kubo)) {
            Integer known = number(source);
            int number = known == null ? free() : known;
            if (known == null) {
                return first(number, FollowedIndex.to(source, keys), fetch);
            }
            FollowedIndex before = table.subscriptions().get(number);
            return refresh(number, before == null ? FollowedIndex.to(source, keys) : before.withKeys(keys), fetch);
        } finally {
            CHANGING.unlock();
        }
    }

    private Refreshed first(int number, FollowedIndex subscription, IndexFetch fetch) throws IOException {
        boolean complete = false;
        try {
            Refreshed refreshed = refresh(number, subscription, fetch);
            complete = true;
            return refreshed;
        } finally {
            if (!complete) {
                table.remove(number);
            }
        }
    }

    /** Follows an index no longer, and forgets what it said; returns false if it was not followed. */
    public boolean unsubscribe(IndexSource source) throws IOException {
        lock();
        try {
            Integer number = number(source);
            if (number != null) {
                table.remove(number);
            }
            return number != null;
        } finally {
            CHANGING.unlock();
        }
    }

    /**
     * Fetches what has changed of all; what cannot be had is remembered as why, and what is stored of it stays.
     *
     * @return the number of shards that were fetched
     */
    public int refreshAll(@Nullable KuboClient kubo) throws IOException {
        return refreshAll(kubo, (_, _) -> {});
    }

    /** Hears what came of asking for an index. */
    @FunctionalInterface
    interface Outcome {
        /** Hears whether the index of a number was had. */
        void asked(int number, boolean had);
    }

    int refreshAll(@Nullable KuboClient kubo, Outcome outcome) throws IOException {
        int shards = 0;
        for (IndexSource source : all().stream().map(FollowedIndex::source).toList()) {
            lock();
            try (IndexFetch fetch = new IndexFetch(kubo)) {
                Integer number = number(source);
                if (number != null) {
                    shards += refreshOrTell(number, fetch, outcome);
                }
            } finally {
                CHANGING.unlock();
            }
        }
        return shards;
    }

    private int refreshOrTell(int number, IndexFetch fetch, Outcome outcome) throws IOException {
        FollowedIndex subscription = table.subscriptions().get(number);
        if (subscription == null) {
            return 0;
        }
        try {
            Refreshed refreshed = refresh(number, subscription, fetch);
            LOG.debug("{}: {} shards fetched", subscription.source(), refreshed.shards());
            outcome.asked(number, true);
            return refreshed.shards();
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            LOG.warn("the index {} stays as it was: {}", subscription.source(), e.getMessage());
            outcome.asked(number, false);
            table.put(number, subscription.failed(String.valueOf(e.getMessage())));
            return 0;
        }
    }

    private Refreshed refresh(int number, FollowedIndex before, IndexFetch fetch) throws IOException {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        Cid known = before.root();
        Optional<byte[]> block = fetch.root(before.source(), known);
        if (block.isEmpty() || (known != null && known.equals(IndexRoot.cid(block.get())))) {
            FollowedIndex same = before.unchanged(now);
            table.put(number, same);
            return new Refreshed(same, 0);
        }
        Cid cid = IndexRoot.cid(block.get());
        IndexRoot root = IndexRoot.decode(block.get());
        root.requireSignedBy(before.keys());
        require(root, cid, before);
        int fetched = 0;
        SortedMap<String, IndexRoot.Shard> stored = table.shards(number);
        // known before the first shard is, so that what a failure leaves belongs to somebody
        if (before.sequence() == 0) {
            table.put(number, before);
        }
        for (Map.Entry<String, IndexRoot.Shard> each : root.shards().entrySet()) {
            IndexRoot.Shard shard = each.getValue();
            if (!shard.equals(stored.remove(each.getKey()))) {
                byte[] bytes = fetch.block(before.source(), shard.cid(), IndexShard.MAX_BYTES);
                table.putShard(number, shard(each.getKey(), shard, bytes), shard);
                fetched++;
            }
        }
        for (String gone : stored.keySet()) {
            table.removeShard(number, gone);
        }
        FollowedIndex after = before.withIndex(root, cid, now);
        table.put(number, after);
        return new Refreshed(after, fetched);
    }

    private void require(IndexRoot root, Cid cid, FollowedIndex before) throws IOException {
        if (!root.storeDir().equals(table.store().storeDir())) {
            throw new IOException("the index is of paths in " + root.storeDir() + ", not in "
                    + table.store().storeDir());
        }
        if (root.sequence() < before.sequence()) {
            throw new IOException("the index has sequence " + root.sequence() + ", older than " + before.sequence()
                    + ", which is stored: the source has gone back");
        }
        if (root.sequence() == before.sequence()) {
            throw new IOException("the index " + cid + " has sequence " + root.sequence() + " as has " + before.root()
                    + ", which is stored: one sequence stands for one index");
        }
    }

    private static IndexShard shard(String prefix, IndexRoot.Shard link, byte[] block) throws FormatException {
        IndexShard shard = IndexShard.decode(prefix, block);
        if (shard.entries().size() != link.count()) {
            throw new FormatException("shard " + prefix + " of the index has "
                    + shard.entries().size() + " paths, and the root says " + link.count());
        }
        return shard;
    }

    private @Nullable Integer number(IndexSource source) throws IOException {
        return table.subscriptions().entrySet().stream()
                .filter(each -> each.getValue().source().equals(source))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    private int free() throws IOException {
        Map<Integer, FollowedIndex> taken = table.subscriptions();
        for (int number = 0; number < MAX_SUBSCRIPTIONS; number++) {
            if (!taken.containsKey(number)) {
                return number;
            }
        }
        throw new IOException("no more than " + MAX_SUBSCRIPTIONS + " indexes are followed");
    }

    private static void lock() throws InterruptedIOException {
        try {
            CHANGING.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
