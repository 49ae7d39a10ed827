package dev.narsil.gateway.download;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narsil.rewrite.hash.Sha256;
import java.time.Duration;

/**
 * What is remembered for a while of NARs that turned out wrong: whom they came from, and whether clients have bytes of
 * them, which must not be continued with right ones.
 */
final class Suspicions {

    /** Most of each kind that are remembered. */
    private static final int MAX_ENTRIES = 10_000;

    private record WrongFile(Sha256 narHash, String upstream) {}

    private final Cache<WrongFile, Boolean> wrongFiles;
    private final Cache<Sha256, Boolean> handedOut;

    Suspicions(Duration lifetime) {
        wrongFiles = Caffeine.newBuilder()
                .maximumSize(MAX_ENTRIES)
                .expireAfterWrite(lifetime)
                .executor(Runnable::run)
                .build();
        handedOut = Caffeine.newBuilder()
                .maximumSize(MAX_ENTRIES)
                .expireAfterWrite(lifetime)
                .executor(Runnable::run)
                .build();
    }

    void wrong(Sha256 narHash, Holder holder) {
        wrongFiles.put(new WrongFile(narHash, holder.upstream()), true);
    }

    boolean isWrong(Sha256 narHash, Holder holder) {
        return wrongFiles.getIfPresent(new WrongFile(narHash, holder.upstream())) != null;
    }

    void handedOut(Sha256 narHash) {
        handedOut.put(narHash, true);
    }

    boolean isHandedOut(Sha256 narHash) {
        return handedOut.getIfPresent(narHash) != null;
    }
}
