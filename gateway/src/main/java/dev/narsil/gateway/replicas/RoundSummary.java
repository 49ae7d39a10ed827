package dev.narsil.gateway.replicas;

import java.util.Map;

/**
 * What a round found, and did.
 *
 * @param paths of which copies are wanted
 * @param unpublished those of them that are not published, so that nobody can be asked
 * @param wanted copies of all paths
 * @param verified copies that were seen, those of the own daemon among them
 * @param claimed copies that donors say they have and that were not seen
 * @param missing copies that there are not
 * @param asked how often a donor was asked for copies in this round
 * @param lost copies that this round found to be there no longer
 * @param failures why donors were left alone, by their names
 */
public record RoundSummary(
        long paths,
        long unpublished,
        long wanted,
        long verified,
        long claimed,
        long missing,
        long asked,
        long lost,
        Map<String, String> failures) {

    public RoundSummary {
        failures = Map.copyOf(failures);
    }
}
