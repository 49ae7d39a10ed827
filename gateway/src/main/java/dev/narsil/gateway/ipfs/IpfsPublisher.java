package dev.narsil.gateway.ipfs;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.NarDag;
import dev.narsil.blockstore.ipfs.car.CarWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.kubo.ImportedCar;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.kubo.KuboException;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Publishes paths of a store on one daemon, and takes them back. Safe for use by many threads, as long as each works on another
 * path.
 */
public final class IpfsPublisher {

    /** Blocks of a path the daemon is asked for before it is asked for all; a question costs it as much as a block. */
    static final int SAMPLE = 8;

    /** Of the {@link #SAMPLE}, those that are sent first: what an interrupted run leaves behind. */
    private static final int LEADING = 2;

    /** A daemon that takes less is given up: bytes a second. */
    private static final long MIN_RATE = 256 << 10;

    /** Most blocks of paths published before that are known to be there without a question: some 200 bytes each. */
    private static final int MAX_SENT = 100_000;

    /** How long that is believed, as others may have the daemon collect its garbage. */
    private static final Duration SENT_FOR = Duration.ofMinutes(10);

    /** Time for a path beside that for its bytes. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final NarStore store;
    private final PublishedPaths published;
    private final KuboClient kubo;
    private final OtherPins others;
    private final @Nullable TrustedKeys trusted;
    private final LongConsumer progress;
    private final Cache<Cid, Boolean> sent = Caffeine.newBuilder()
            .maximumSize(MAX_SENT)
            .expireAfterWrite(SENT_FOR)
            .build();

    /**
     * One of a store and a daemon.
     *
     * @param others what else the daemon keeps
     * @param trusted whose signatures make a path public; null publishes every path
     * @param progress hears of bytes of blocks when they are being sent, by any thread
     */
    public IpfsPublisher(
            NarStore store, KuboClient kubo, OtherPins others, @Nullable TrustedKeys trusted, LongConsumer progress) {
        this.store = store;
        this.published = new PublishedPaths(store);
        this.kubo = kubo;
        this.others = others;
        this.trusted = trusted;
        this.progress = progress;
    }

    /**
     * Publishes a path, unless its manifest is pinned already. When this returns, the daemon has all its blocks and
     * keeps them, and that is remembered; a manifest that an earlier narinfo of the path made is pinned no longer, unless
     * something else wants it.
     *
     * @throws NotPublicException if no trusted key has signed the path; then nothing was sent
     */
    public Publication publish(PathInfo info) throws IOException {
        requirePublic(info);
        Digest digest = info.path().digest();
        Optional<PublishedPath> known = published.find(digest);
        if (known.isPresent()
                && isCurrent(known.get(), info)
                && kubo.isPinned(known.get().manifest())) {
            return new Publication(known.get(), false, 0, 0);
        }
        try (PathDag dag = PathDag.open(store, info)) {
            List<Cid> blocks = dag.blocks();
            Set<Cid> there = new HashSet<>(sent.getAllPresent(blocks).keySet());
            List<Cid> unknown =
                    blocks.stream().filter(block -> !there.contains(block)).toList();
            Set<Cid> sample = sample(unknown);
            boolean someAreThere = there.addAll(kubo.stored(List.copyOf(sample)));
            boolean pinned = there.contains(dag.manifest()) && kubo.isPinned(dag.manifest());
            ImportedCar car = new ImportedCar(0, 0);
            if (!pinned) {
                if (someAreThere) {
                    there.addAll(kubo.stored(unknown.stream()
                            .filter(block -> !sample.contains(block))
                            .toList()));
                }
                car = there.isEmpty()
                        ? send(dag, there, true)
                        : send(dag, info.path().toString(), there, there.size() == blocks.size());
            }
            blocks.forEach(block -> sent.put(block, true));
            Optional<Cid> old = known.map(PublishedPath::manifest).filter(cid -> !cid.equals(dag.manifest()));
            boolean left = old.isPresent() && !unpin(old.get());
            PublishedPath path =
                    new PublishedPath(dag.manifest(), dag.nar(), Instant.now().truncatedTo(ChronoUnit.SECONDS));
            published.put(digest, path);
            if (left) {
                // who wanted it may have gone when it still was that of a published path
                var _ = unpin(old.get());
            }
            return new Publication(path, !pinned, car.blocks(), car.blockBytes());
        }
    }

    private void requirePublic(PathInfo info) throws NotPublicException {
        if (trusted != null) {
            TrustedKeys.Verdict verdict = trusted.verify(info, store.storeDir());
            if (!verdict.trusted()) {
                throw new NotPublicException(verdict.reason());
            }
        }
    }

    /** Tells whether what was published of a path says what is known of it now. */
    private boolean isCurrent(PublishedPath path, PathInfo info) throws IOException {
        return path.manifest().equals(PathDag.manifestCid(store, info, path.nar()));
    }

    /** Sends what the daemon lacks of a path, of which it has these or all, and has the manifest pinned. */
    private ImportedCar send(PathDag dag, String name, Set<Cid> there, boolean all) throws IOException {
        ImportedCar part = all ? new ImportedCar(0, 0) : send(dag, there, false);
        try {
            kubo.pin(dag.manifest(), name, time(dag), _ -> {});
            return part;
        } catch (KuboException e) {
            if (!lacksBlocks(e)) {
                throw e;
            }
            sent.invalidateAll();
            ImportedCar again = send(dag, Set.of(), true);
            return new ImportedCar(part.blocks() + again.blocks(), part.blockBytes() + again.blockBytes());
        }
    }

    /** Tells whether a pin failed as it does when the daemon lost blocks, and nobody else has them. */
    private static boolean lacksBlocks(KuboException failure) {
        return switch (failure.kind()) {
            case LATE, ABSENT, FAILED -> true;
            case UNREACHABLE, REFUSED, UNKNOWN_COMMAND, UNINTELLIGIBLE, WRONG_BYTES -> false;
        };
    }

    /** Returns the first blocks, the manifest among them, and some that are spread over all. */
    private static Set<Cid> sample(List<Cid> blocks) {
        Set<Cid> sample = new HashSet<>();
        for (int i = 0; i < SAMPLE && !blocks.isEmpty(); i++) {
            int spread = (int) ((long) i * blocks.size() / SAMPLE);
            sample.add(blocks.get(i < LEADING ? Math.min(i, blocks.size() - 1) : spread));
        }
        return sample;
    }

    private ImportedCar send(PathDag dag, Set<Cid> without, boolean pin) throws IOException {
        return kubo.importCar(List.of(dag.manifest()), pin, time(dag), car -> dag.visit(blocks(car, without)));
    }

    private NarDag.Visitor blocks(CarWriter car, Set<Cid> without) {
        return new NarDag.Visitor() {
            @Override
            public boolean wants(Cid cid) {
                return !without.contains(cid);
            }

            @Override
            public void block(Cid cid, byte[] buffer, int off, int length) throws IOException {
                car.block(cid, buffer, off, length);
                progress.accept(length);
            }
        };
    }

    private static Duration time(PathDag dag) {
        return PATIENCE.plusSeconds(dag.narSize() / MIN_RATE);
    }

    /**
     * Takes a published path back: its manifest is pinned no longer, unless something else wants it, so the daemon's next
     * collection of garbage takes away what no other pin needs, and nothing is remembered. Other nodes may keep what they
     * have.
     *
     * @return whether it was published
     */
    public boolean unpublish(Digest digest) throws IOException {
        Optional<PublishedPath> path = published.find(digest);
        if (path.isEmpty()) {
            return false;
        }
        boolean unpinned = unpin(path.get().manifest());
        published.remove(digest);
        if (!unpinned) {
            // who wanted it may have gone when it still was that of a published path
            var _ = unpin(path.get().manifest());
        }
        return true;
    }

    /** Returns whether nothing else wants the pin, so that it is gone. */
    private boolean unpin(Cid manifest) throws IOException {
        return others.unlessWanted(manifest, () -> {
            var _ = kubo.unpin(manifest);
        });
    }
}
