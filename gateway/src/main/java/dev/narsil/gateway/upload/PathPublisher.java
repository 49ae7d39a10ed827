package dev.narsil.gateway.upload;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.narinfo.Fingerprint;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Makes uploaded paths visible, one after another where they have the same digest. */
final class PathPublisher {

    /** Most signatures of a path; the next ones are refused. */
    static final int MAX_SIGNATURES = 128;

    /** More than uploads that can be in progress at a time are of no use. */
    private static final int LOCKS = 64;

    private final NarStore store;
    private final UploadOptions options;
    private final List<ReentrantLock> locks =
            Stream.generate(ReentrantLock::new).limit(LOCKS).toList();

    PathPublisher(NarStore store, UploadOptions options) {
        this.store = store;
        this.options = options;
    }

    /**
     * Publishes a path whose NAR is stored, and returns when that is durable.
     *
     * @throws RefusedException if it contradicts what is stored
     */
    void publish(PathInfo uploaded) throws IOException {
        ReentrantLock lock = locks.get(Math.floorMod(uploaded.path().digest().hashCode(), LOCKS));
        lock.lock();
        try {
            @Nullable PathInfo stored = store.path(uploaded.path().digest()).orElse(null);
            PathInfo wanted = signed(stored == null ? uploaded : merged(stored, uploaded));
            if (wanted.signatures().size() > MAX_SIGNATURES) {
                throw new RefusedException(Verdict.tooLarge("more than " + MAX_SIGNATURES + " signatures"));
            }
            if (!wanted.equals(stored)) {
                Durable.await(store, store.publish(wanted));
            }
        } finally {
            lock.unlock();
        }
    }

    private PathInfo merged(PathInfo stored, PathInfo uploaded) throws RefusedException {
        @Nullable String conflict = PathMerge.conflict(stored, uploaded);
        if (conflict == null) {
            return PathMerge.merged(stored, uploaded);
        }
        if (!options.replaceConflicting()) {
            throw new RefusedException(Verdict.conflict(conflict + ", and stays"));
        }
        return uploaded;
    }

    private PathInfo signed(PathInfo info) {
        if (options.signingKeys().isEmpty()) {
            return info;
        }
        byte[] fingerprint = Fingerprint.sorted(info, store.storeDir());
        return PathMerge.withSignatures(
                info,
                options.signingKeys().stream()
                        .map(key -> key.sign(fingerprint).toString())
                        .toList());
    }
}
