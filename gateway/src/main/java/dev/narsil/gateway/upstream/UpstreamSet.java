package dev.narsil.gateway.upstream;

import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All upstreams in the order they are asked, and whether what is known of a path still holds with them. Safe for use by
 * many threads.
 */
final class UpstreamSet {

    private final Map<String, Upstream> byUrl;
    private final @Nullable PathsInIpfs ipfs;

    /**
     * Those that {@code make} makes of {@code options}, no two of which have the same URL. Those of the same priority stay
     * in the order given.
     *
     * @param ipfs who tells of paths in IPFS; null if no NARs are fetched from there
     */
    UpstreamSet(List<UpstreamOptions> options, Function<UpstreamOptions, Upstream> make, @Nullable PathsInIpfs ipfs) {
        Map<String, Upstream> made = new LinkedHashMap<>();
        options.stream()
                .sorted(Comparator.comparingInt(UpstreamOptions::priority))
                .forEach(each -> made.put(each.url(), make.apply(each)));
        this.byUrl = Collections.unmodifiableMap(made);
        this.ipfs = ipfs;
    }

    Collection<Upstream> all() {
        return byUrl.values();
    }

    /** Those that answered lately or were not asked yet, as their circuit breakers say. */
    List<Upstream> closed() {
        return all().stream().filter(Upstream::isClosed).toList();
    }

    /** Returns the one that a path is known of; null if it is of IPFS, or of one that is not asked any more. */
    @Nullable
    Upstream of(RemotePath path) {
        return byUrl.get(path.upstream());
    }

    /** Tells whether the NAR of a path can be had from the upstream that has it, or from IPFS, as far as is known. */
    boolean isExpected(RemotePath path) {
        Upstream upstream = of(path);
        return (upstream != null && upstream.isClosed() && path.narInfo().hasFile())
                || (ipfs != null && path.isInIpfs());
    }

    /** Tells whether what was stored of a path counts: the upstream is one of ours, and its keys are trusted. */
    boolean counts(RemotePath path) {
        if (path.upstream().equals(RemotePath.IPFS)) {
            return ipfs != null && ipfs.distrust(path.narInfo()) == null;
        }
        Upstream upstream = of(path);
        return upstream != null && upstream.distrust(path.narInfo()) == null;
    }
}
