package dev.narsil.gateway.upload;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.PathMerge;
import dev.narsil.gateway.narinfo.Fingerprint;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Makes uploaded paths visible, signed with the keys of this cache. */
final class PathPublisher {

    private final NarStore store;
    private final UploadOptions options;

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
        Durable.await(store, store.publish(signed(uploaded), this::merged));
    }

    private PathInfo merged(@Nullable PathInfo known, PathInfo uploaded) throws RefusedException {
        @Nullable String conflict = known == null ? null : PathMerge.conflict(known, uploaded);
        if (conflict != null && !options.replaceConflicting()) {
            throw new RefusedException(Verdict.conflict(conflict + ", and stays"));
        }
        PathInfo wanted = known == null || conflict != null ? uploaded : PathMerge.merged(known, uploaded);
        if (wanted.signatures().size() > PathMerge.MAX_SIGNATURES) {
            throw new RefusedException(Verdict.tooLarge("more than " + PathMerge.MAX_SIGNATURES + " signatures"));
        }
        return wanted;
    }

    /** What this adds covers what is stored in the end too: that is the same path, NAR and references, or this. */
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
