package dev.narsil.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Which faults a {@link FlakyProxy} makes, and how often.
 *
 * @param rules one for each sort of fault; a request meets at most one, the first of them that its luck gives it
 * @param latencyMillis what every request waits before it is passed on
 * @param only the start of the paths that meet faults, {@code /} for all
 */
public record FaultPlan(List<Rule> rules, long latencyMillis, String only) {

    /** Passes everything on. */
    public static final FaultPlan NONE = new FaultPlan(List.of(), 0, "/");

    /** What can go wrong with a request. */
    public enum Fault {
        /** The connection is reset before a byte of the answer. */
        REFUSE,
        /** There is never an answer. */
        HANG,
        /** The connection is reset after some bytes of the body: the parameter, or any number of them. */
        CUT,
        /** The body comes slowly, by the parameter of bytes a second. */
        DRIP,
        /** Status 500. */
        ERROR_500,
        /** Status 503 with {@code Retry-After}: the parameter, in seconds. */
        ERROR_503,
        /** Status 404. */
        ERROR_404,
        /** A redirect to the same address. */
        REDIRECT_LOOP,
        /** One bit of the body is another; only of what is under {@code /nar/}. */
        WRONG_BYTES,
        /** {@code Content-Length} is some bytes less than what there is, and no more comes; or more, and the end is missing. */
        WRONG_LENGTH;

        /** The name of the flag, without dashes. */
        String flag() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * How often a fault is made.
     *
     * @param probability for each request, 0 to 1
     * @param parameter of the fault; 0 if there was none
     */
    public record Rule(Fault fault, double probability, long parameter) {

        /** Parses {@code PROBABILITY[:PARAMETER]}. */
        static Rule parse(Fault fault, String text) {
            int colon = text.indexOf(':');
            double probability = Double.parseDouble(colon < 0 ? text : text.substring(0, colon));
            if (!(probability >= 0 && probability <= 1)) {
                throw new IllegalArgumentException("not a probability from 0 to 1: " + text);
            }
            return new Rule(fault, probability, colon < 0 ? 0 : Long.parseLong(text.substring(colon + 1)));
        }
    }

    public FaultPlan {
        rules = List.copyOf(rules);
    }

    /** Returns this plan with one more rule, the last that is tried. */
    public FaultPlan with(Fault fault, double probability, long parameter) {
        List<Rule> more = new ArrayList<>(rules);
        more.add(new Rule(fault, probability, parameter));
        return new FaultPlan(more, latencyMillis, only);
    }

    /** Returns this plan with another latency. */
    public FaultPlan withLatency(long millis) {
        return new FaultPlan(rules, millis, only);
    }

    /** Returns this plan for other paths. */
    public FaultPlan withOnly(String start) {
        return new FaultPlan(rules, latencyMillis, start);
    }

    /** Returns what a request for this path meets. */
    Optional<Rule> draw(String target, SplittableRandom random) {
        double[] luck = random.doubles(rules.size()).toArray();
        if (!target.startsWith(only)) {
            return Optional.empty();
        }
        for (int i = 0; i < luck.length; i++) {
            Rule rule = rules.get(i);
            if (luck[i] < rule.probability && (rule.fault != Fault.WRONG_BYTES || target.startsWith("/nar/"))) {
                return Optional.of(rule);
            }
        }
        return Optional.empty();
    }
}
