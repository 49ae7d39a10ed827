package dev.narsil.gateway.download;

import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.SourceException;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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

    /** Returns them, the best first. May ask upstreams, so it blocks. */
    List<Holder> of(Sha256 narHash) throws IOException, InterruptedException {
        List<Holder> usable = new ArrayList<>();
        for (Holder holder : all.of(narHash)) {
            boolean fits = holder.narInfo().pathInfo().narHash().equals(narHash)
                    && holder.narInfo().pathInfo().narSize() > 0
                    && isDecodable(holder)
                    && !suspicions.isWrong(narHash, holder);
            if (fits
                    && (usable.isEmpty()
                            || narSize(usable) == holder.narInfo().pathInfo().narSize())) {
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
