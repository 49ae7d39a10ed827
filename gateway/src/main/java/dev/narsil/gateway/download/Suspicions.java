package dev.narsil.gateway.download;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.narsil.rewrite.hash.Sha256;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered for a while of NARs that did not come, or came wrong: whom what came is from, who is known to have
 * been wrong, and whether clients have bytes that must not be continued with right ones. Safe for use by many threads.
 */
final class Suspicions {

    /** Most of each kind that are remembered. */
    private static final int MAX_ENTRIES = 10_000;

    /** Most downloads of one NAR of which the remains are remembered; the oldest are then taken for wrong. */
    static final int MAX_REMAINS = 8;

    private record WrongFile(Sha256 narHash, String suspect) {}

    private final Cache<WrongFile, Boolean> wrongFiles;
    private final Cache<Sha256, Boolean> handedOut;
    private final Cache<Sha256, Boolean> contested;
    private final Cache<Sha256, List<Remains>> unsettled;

    Suspicions(Duration lifetime) {
        wrongFiles = cache(lifetime);
        handedOut = cache(lifetime);
        contested = cache(lifetime);
        unsettled = cache(lifetime);
    }

    private static <K, V> Cache<K, V> cache(Duration lifetime) {
        return Caffeine.newBuilder()
                .maximumSize(MAX_ENTRIES)
                .expireAfterWrite(lifetime)
                .executor(Runnable::run)
                .build();
    }

    /** Remembers what came in a download that was wrong as a whole. */
    void wrong(Sha256 narHash, Remains remains) {
        if (remains.isMixed()) {
            contested.put(narHash, true);
        } else {
            remains.beginnings().forEach(beginning -> wrong(narHash, beginning.suspect()));
        }
    }

    private void wrong(Sha256 narHash, String suspect) {
        wrongFiles.put(new WrongFile(narHash, suspect), true);
    }

    boolean isWrong(Sha256 narHash, Holder holder) {
        return wrongFiles.getIfPresent(new WrongFile(narHash, holder.suspect())) != null;
    }

    /** Whether one of several was wrong, so that the NAR is to come from one alone. */
    boolean isContested(Sha256 narHash) {
        return contested.getIfPresent(narHash) != null;
    }

    void handedOut(Sha256 narHash) {
        handedOut.put(narHash, true);
    }

    /** Whether clients have bytes of the NAR that are wrong, or must be taken for that. */
    boolean isHandedOut(Sha256 narHash) {
        return handedOut.getIfPresent(narHash) != null;
    }

    /** Remembers what came in a download until the NAR is had. */
    void unsettled(Sha256 narHash, Remains remains) {
        var _ = unsettled.asMap().compute(narHash, (hash, before) -> {
            List<Remains> all = new ArrayList<>(before == null ? List.of() : before);
            all.add(remains);
            if (all.size() > MAX_REMAINS && all.removeFirst().handedOut()) {
                handedOut(narHash);
            }
            return List.copyOf(all);
        });
    }

    /** What is remembered of earlier downloads. */
    List<Remains> unsettled(Sha256 narHash) {
        List<Remains> all = unsettled.getIfPresent(narHash);
        return all == null ? List.of() : all;
    }

    /** Returns the same holders, those last that took part in more of the earlier downloads. */
    List<Holder> byTrouble(Sha256 narHash, List<Holder> holders) {
        List<Remains> all = unsettled(narHash);
        return holders.stream()
                .sorted(Comparator.comparingLong(holder -> all.stream()
                        .flatMap(remains -> remains.beginnings().stream())
                        .filter(beginning -> beginning.suspect().equals(holder.suspect()))
                        .count()))
                .toList();
    }

    /**
     * Judges what came in earlier downloads, as the NAR is had now.
     *
     * @param judged what {@link #unsettled(Sha256)} gave
     * @param hashes gives the hash of so many bytes of the NAR, null if it is shorter
     */
    void settle(Sha256 narHash, List<Remains> judged, LongFunction<@Nullable Sha256> hashes) {
        for (Remains remains : judged) {
            remains.beginnings().stream()
                    .filter(beginning -> !beginning.hash().equals(hashes.apply(beginning.length())))
                    .findFirst()
                    .ifPresent(beginning -> {
                        wrong(narHash, beginning.suspect());
                        if (remains.handedOut()) {
                            handedOut(narHash);
                        }
                    });
        }
        var _ = unsettled.asMap().computeIfPresent(narHash, (hash, all) -> {
            List<Remains> left = new ArrayList<>(all);
            left.removeAll(judged);
            return left.isEmpty() ? null : left;
        });
        contested.invalidate(narHash);
    }
}
