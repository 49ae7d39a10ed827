package dev.narsil.gateway.trustless;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.StoredNar;
import dev.narsil.blockstore.ipfs.Manifest;
import dev.narsil.blockstore.ipfs.NarBlocks;
import dev.narsil.blockstore.ipfs.NarDag;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.gateway.narinfo.NarCids;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.trustless.SharedRecord.What;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The paths of a store that everybody may have, found by content. Safe for use by many threads. Methods that say so
 * call native code and belong on platform threads.
 */
public final class SharedPaths {

    /** Most bytes that knowing the blocks of NARs takes: enough for some 30 GB of large NARs. */
    private static final long CACHE_BYTES = 64L << 20;

    /** Most NARs whose blocks are known; a block is looked for in each. */
    private static final int MAX_KNOWN = 4096;

    private static final int MAX_VERDICTS = 10_000;

    /** Most NARs whose blocks are found out at a time. */
    private static final int MAX_MAKING = 2;

    /** Requests that wait for blocks to be found out; each keeps a NAR from being downloaded. */
    private static final int MAX_WAITING = 8;

    private static final int MAKING_TIMEOUT_SECONDS = 60;

    private final NarStore store;
    private final TrustedKeys keys;
    private final Semaphore making = new Semaphore(MAX_MAKING);
    private final Cache<PathInfo, Boolean> verdicts =
            Caffeine.newBuilder().maximumSize(MAX_VERDICTS).build();
    private final Cache<Sha256, NarBlocks> known = Caffeine.newBuilder()
            .executor(Runnable::run)
            .maximumWeight(CACHE_BYTES)
            .weigher((Sha256 narHash, NarBlocks of) ->
                    (int) Math.clamp(of.weight(), CACHE_BYTES / MAX_KNOWN, CACHE_BYTES))
            .build();

    /** The paths of {@code store} that one of {@code keys} has signed. */
    public SharedPaths(NarStore store, TrustedKeys keys) {
        this.store = store;
        this.keys = keys;
    }

    /** A path that everybody may have, as it is known now, and the root of its NAR. */
    private record Shared(PathInfo info, Cid root) {}

    /** Tells whether everybody may have a path. */
    boolean isShared(PathInfo info) {
        return verdicts.get(info, path -> keys.verify(path, store.storeDir()).trusted());
    }

    /** Tells whether everybody may have a NAR. Calls native code. */
    public boolean isShared(Sha256 narHash) throws IOException {
        return find(narHash, What.NAR).isPresent();
    }

    /** Returns the CIDs of a path that everybody may have; empty if it is none, or they are not known yet. */
    public Optional<NarCids> cids(PathInfo info) throws IOException {
        Optional<SharedRecord> record = record(info.narHash()).filter(found -> found.what() == What.NAR);
        if (record.isEmpty() || !isShared(info)) {
            return Optional.empty();
        }
        Cid root = Cid.of(Codec.DAG_PB, record.get().root());
        byte[] manifest = Manifest.of(store.storeDir(), info, root).encode();
        return record(Sha256.hash(manifest)).isEmpty()
                ? Optional.empty()
                : Optional.of(new NarCids(Manifest.cid(manifest), root));
    }

    private Optional<Shared> find(Sha256 key, What what) throws IOException {
        Optional<SharedRecord> record = record(key).filter(found -> found.what() == what);
        if (record.isEmpty()) {
            return Optional.empty();
        }
        return store.path(record.get().path())
                .filter(info -> info.narHash().equals(record.get().narHash()) && isShared(info))
                .map(info -> new Shared(info, Cid.of(Codec.DAG_PB, record.get().root())));
    }

    /** Returns what is remembered under a SHA-256, which permits nothing. Calls native code. */
    Optional<SharedRecord> record(Sha256 key) throws IOException {
        byte[] bytes = store.record(Table.SHARED, key.bytes());
        return bytes == null ? Optional.empty() : Optional.of(SharedRecord.decode(bytes));
    }

    /**
     * Finds a block of a path that everybody may have; empty if none is known to have it. Calls native code.
     *
     * @throws IOException what reading the store gives
     */
    public Optional<SharedBlock> find(Cid cid) throws IOException {
        if (cid.isIdentity()) {
            return Optional.of(new SharedBlock.Made(cid.digest()));
        }
        for (NarBlocks blocks : known.asMap().values()) {
            if (blocks.length(cid).isPresent() && isShared(blocks.narHash())) {
                return Optional.of(new SharedBlock.OfNar(blocks.narHash()));
            }
        }
        Sha256 hash = cid.sha256().orElseThrow();
        return switch (cid.codec()) {
            case DAG_PB ->
                find(hash, What.ROOT)
                        .map(shared -> new SharedBlock.OfNar(shared.info().narHash()));
            case DAG_CBOR -> find(hash, What.MANIFEST).flatMap(shared -> manifest(shared, cid));
            case RAW -> Optional.empty();
        };
    }

    /** Returns the manifest of a path if it still is that of {@code cid}. */
    private Optional<SharedBlock> manifest(Shared shared, Cid cid) {
        byte[] block =
                Manifest.of(store.storeDir(), shared.info(), shared.root()).encode();
        return cid.isOf(block, 0, block.length) ? Optional.of(new SharedBlock.Made(block)) : Optional.empty();
    }

    /** Returns the blocks of a NAR if they are known. */
    public @Nullable NarBlocks blocksIfKnown(Sha256 narHash) {
        return known.getIfPresent(narHash);
    }

    /**
     * Returns the blocks of a NAR, which are found out if they are not known, by reading those that have holes. Few at
     * a time are.
     *
     * @throws StoreException BUSY if others take long
     */
    public NarBlocks blocks(StoredNar nar) throws IOException {
        NarBlocks before = known.getIfPresent(nar.narHash());
        if (before != null) {
            return before;
        }
        if (making.getQueueLength() >= MAX_WAITING) {
            throw busy(nar);
        }
        try {
            if (!making.tryAcquire(MAKING_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw busy(nar);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted before reading a NAR");
            interrupted.initCause(e);
            throw interrupted;
        }
        try {
            NarBlocks meanwhile = known.getIfPresent(nar.narHash());
            if (meanwhile != null) {
                return meanwhile;
            }
            NarBlocks blocks = NarDag.of(nar).blocks();
            known.put(blocks.narHash(), blocks);
            return blocks;
        } finally {
            making.release();
        }
    }

    private static StoreException busy(StoredNar nar) {
        return new StoreException(
                StoreException.Kind.BUSY, "the blocks of " + nar.narHash() + " cannot be found out now");
    }

    /** Tells whether the blocks of many more NARs can be known before others are forgotten. */
    boolean hasRoom() {
        return known.policy()
                .eviction()
                .map(policy -> policy.weightedSize().orElse(0) < CACHE_BYTES / 2)
                .orElse(false);
    }
}
