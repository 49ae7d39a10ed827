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

    public ImportOptions {
        if (jobs < 1 || jobs > MAX_JOBS) {
            throw new IllegalArgumentException("the number of jobs is 1 to " + MAX_JOBS + ", not " + jobs);
        }
    }

    /** Returns what is used unless told otherwise: as many jobs as processors, and the key of cache.nixos.org. */
    public static ImportOptions defaults() {
        return new ImportOptions(
                Math.min(MAX_JOBS, Runtime.getRuntime().availableProcessors()),
                true,
                new TrustedKeys(List.of(PublicKey.CACHE_NIXOS_ORG)));
    }
}
