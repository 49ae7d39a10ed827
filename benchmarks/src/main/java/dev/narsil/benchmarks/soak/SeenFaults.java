package dev.narsil.benchmarks.soak;

import dev.narsil.benchmarks.FaultPlan.Fault;
import dev.narsil.benchmarks.FlakyProxy;
import dev.narsil.rewrite.path.Digest;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which faults the flaky proxy made, by path, and when the last one was. */
final class SeenFaults implements FlakyProxy.Observer {

    private static final int MAX_PATHS = 20_000;
    private static final Pattern DIGEST = Pattern.compile("([0-9a-z]{32})\\.na");

    private final Map<String, Set<Fault>> byDigest = new LinkedHashMap<>();
    private final Map<Fault, Long> counts = new EnumMap<>(Fault.class);
    private long last = System.nanoTime();
    private boolean any;

    @Override
    public synchronized void fault(Fault fault, String target) {
        any = true;
        last = System.nanoTime();
        counts.merge(fault, 1L, Long::sum);
        Matcher digest = DIGEST.matcher(target);
        if (digest.find()) {
            byDigest.computeIfAbsent(digest.group(1), _ -> EnumSet.noneOf(Fault.class))
                    .add(fault);
            if (byDigest.size() > MAX_PATHS) {
                byDigest.remove(byDigest.keySet().iterator().next());
            }
        }
    }

    /** Those that befell requests for this path's narinfo or NAR. */
    synchronized Set<Fault> of(Digest digest) {
        Set<Fault> found = byDigest.get(digest.toString());
        return found == null ? Set.of() : EnumSet.copyOf(found);
    }

    /** Whether there was any fault in the last seconds, which a circuit breaker may remember. */
    synchronized boolean within(long seconds) {
        return any && System.nanoTime() - last < seconds * 1_000_000_000L;
    }

    synchronized Map<Fault, Long> counts() {
        return new EnumMap<>(counts);
    }
}
