package dev.narsil.gateway.importer;

import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.narinfo.TrustedKeys;
import java.util.List;

/**
 * How an import is done.
 *
 * @param jobs NARs at a time, 1 to {@link #MAX_JOBS}
 * @param checkSignatures whether a trusted key must have signed each path
 * @param trustedKeys the keys that count
 */
public record ImportOptions(int jobs, boolean checkSignatures, TrustedKeys trustedKeys) {

    public static final int MAX_JOBS = 64;

    /**
     * Most jobs unless told otherwise, whatever the number of processors: each may hold a decoder's dictionary, 64 MiB
     * for {@code xz -9}, and the heap is 512 MiB.
     */
    public static final int MAX_DEFAULT_JOBS = 8;

    public ImportOptions {
        if (jobs < 1 || jobs > MAX_JOBS) {
            throw new IllegalArgumentException("the number of jobs is 1 to " + MAX_JOBS + ", not " + jobs);
        }
    }

    /**
     * Returns what is used unless told otherwise: as many jobs as processors up to
     * {@link #MAX_DEFAULT_JOBS}, and the key of cache.nixos.org.
     */
    public static ImportOptions defaults() {
        return new ImportOptions(
                Math.min(MAX_DEFAULT_JOBS, Runtime.getRuntime().availableProcessors()),
                true,
                new TrustedKeys(List.of(PublicKey.CACHE_NIXOS_ORG)));
    }
}
