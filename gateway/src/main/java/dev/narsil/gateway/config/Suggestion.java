package dev.narsil.gateway.config;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds what somebody who mistyped a name may have meant. */
final class Suggestion {

    /** Longest name that is compared, in characters. */
    private static final int MAX_LENGTH = 64;

    private Suggestion() {}

    private record Candidate(String name, int distance) {}

    /** Returns the known name that takes the fewest changes of a character, if those are at most a third of it. */
    static Optional<String> nearest(String typed, Stream<String> known) {
        if (typed.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        return known.map(name -> new Candidate(name, distance(typed, name)))
                .filter(candidate ->
                        3 * candidate.distance() <= candidate.name().length())
                .min(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::name))
                .map(Candidate::name);
    }

    /** The Levenshtein distance. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
