package dev.narsil.gateway.replicas;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** How many copies of its paths a store wants. Safe for use by many threads. */
public final class Wishes {

    private final NarStore store;

    /** Those of this store. */
    public Wishes(NarStore store) {
        this.store = store;
    }

    /** Returns all, in the order of their digests' bytes: some 500 bytes of memory each. */
    public Map<Digest, Wish> all() throws IOException {
        Map<Digest, Wish> all = new LinkedHashMap<>();
        store.forEachRecord(Table.REPLICA, (key, value) -> all.put(Digest.of(key, 0), Wish.decode(value)));
        return all;
    }

    /** Returns what the last round found, and what is wanted since; nothing was asked or lost in it. */
    public RoundSummary summary() throws IOException {
        long paths = 0;
        long[] sums = new long[4];
        long unpublished = 0;
        for (Wish wish : all().values()) {
            if (wish.wanted() > 0) {
                paths++;
                unpublished += wish.manifest() == null ? 1 : 0;
                sums[0] += wish.wanted();
                sums[1] += wish.verified();
                sums[2] += wish.claimed();
                sums[3] += wish.missing();
            }
        }
        return new RoundSummary(paths, unpublished, sums[0], sums[1], sums[2], sums[3], 0, 0, Map.of());
    }

    /** Returns what is wanted of a path. */
    public Optional<Wish> find(Digest digest) throws IOException {
        byte[] value = store.record(Table.REPLICA, digest.bytes());
        return value == null ? Optional.empty() : Optional.of(Wish.decode(value));
    }

    /**
     * Sets how many copies of paths are wanted; returns when that is durable. Where that is 0, a round lets go those
     * there are.
     */
    public void set(Collection<Digest> digests, int wanted) throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (Digest digest : digests) {
            Optional<Wish> known = find(digest);
            if (known.isPresent() || wanted > 0) {
                long bytes = store.path(digest).map(PathInfo::narSize).orElse(0L);
                Wish wish = known.map(before -> before.wanting(wanted)).orElseGet(() -> Wish.of(wanted, bytes));
                entries.add(new Entry(Table.REPLICA, digest.bytes(), wish.encode()));
            }
        }
        write(entries);
    }

    /**
     * Remembers what a round found, with the number that is wanted now; returns when that is durable.
     *
     * @param wish null to forget the path, unless copies are wanted again
     */
    void update(Digest digest, @Nullable Wish wish) throws IOException {
        int wanted = find(digest).map(Wish::wanted).orElse(0);
        if (wish != null) {
            write(List.of(new Entry(
                    Table.REPLICA, digest.bytes(), wish.wanting(wanted).encode())));
        } else if (wanted == 0) {
            write(List.of(new Entry(Table.REPLICA, digest.bytes(), null)));
        }
    }

    private void write(List<Entry> entries) throws IOException {
        try {
            var written = store.write(entries);
            store.expedite();
            written.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
