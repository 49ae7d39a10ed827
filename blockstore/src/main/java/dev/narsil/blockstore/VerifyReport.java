package dev.narsil.blockstore;

import java.util.List;

/**
 * What a verification found.
 *
 * @param packs packs read
 * @param blocks blocks re-hashed
 * @param nars NARs restored and re-hashed
 * @param paths path infos read
 * @param narBytes bytes of NAR re-hashed
 * @param problems one sentence each; empty means that everything is sound
 */
public record VerifyReport(long packs, long blocks, long nars, long paths, long narBytes, List<String> problems) {

    public VerifyReport {
        problems = List.copyOf(problems);
    }
}
