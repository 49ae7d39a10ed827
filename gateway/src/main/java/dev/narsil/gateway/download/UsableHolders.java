package dev.narsil.gateway.download;

import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.SourceException;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Those who have a NAR in a form that is understood, have not given a wrong one, and agree on its size. */
final class UsableHolders {

    private static final Logger LOG = LoggerFactory.getLogger(UsableHolders.class);

    private final Holders all;
    private final Suspicions suspicions;

    UsableHolders(Holders all, Suspicions suspicions) {
        this.all = all;
        this.suspicions = suspicions;
    }

    /**
     * Returns them, the best first. May ask upstreams, so it blocks. Where those who are known to have it cannot be used,
     * those who turn up late are waited for.
     */
    KnownHolders of(Sha256 narHash) throws IOException, InterruptedException {
        KnownHolders known = all.of(narHash);
        List<Holder> now = usable(narHash, known.now(), -1);
        if (!now.isEmpty()) {
            return new KnownHolders(now, known.late().thenApply(late -> usable(narHash, late, narSize(now))));
        }
        return KnownHolders.of(known.now().isEmpty() ? now : usable(narHash, await(known.late()), -1));
    }

    private static List<Holder> await(CompletableFuture<List<Holder>> late) throws IOException, InterruptedException {
        try {
            return late.get();
        } catch (ExecutionException e) {
            throw new IOException("who has a NAR is not known", e);
        }
    }

    /** Returns those of some who can be used; {@code narSize} is what they must say, or -1 for what the first says. */
    private List<Holder> usable(Sha256 narHash, List<Holder> some, long narSize) {
        List<Holder> usable = new ArrayList<>();
        for (Holder holder : some) {
            long size = holder.narInfo().pathInfo().narSize();
            long wanted = narSize >= 0 || usable.isEmpty() ? narSize : narSize(usable);
            boolean fits = holder.narInfo().pathInfo().narHash().equals(narHash)
                    && size > 0
                    && (wanted < 0 || wanted == size)
                    && isDecodable(holder)
                    && !suspicions.isWrong(narHash, holder);
            if (fits) {
                usable.add(holder);
            }
        }
        return usable;
    }

    private static boolean isDecodable(Holder holder) {
        try {
            var _ = Compression.of(holder.narInfo().compression());
            return true;
        } catch (SourceException e) {
            LOG.warn("{} of {} is of no use: {}", holder.narInfo().url(), holder.upstream(), e.getMessage());
            return false;
        }
    }

    /** Returns the NarSize that they agree on; there must be one of them at least. */
    static long narSize(List<Holder> usable) {
        return usable.getFirst().narInfo().pathInfo().narSize();
    }
}
