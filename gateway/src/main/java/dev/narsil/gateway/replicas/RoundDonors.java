package dev.narsil.gateway.replicas;

import dev.narsil.blockstore.ipfs.cid.Cid;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The donors as one round sees them: who is left alone, who is full, and how much each has. For one thread. */
final class RoundDonors {

    private static final Logger LOG = LoggerFactory.getLogger(RoundDonors.class);

    private final Map<String, Donor> byName = new LinkedHashMap<>();
    private final Map<String, DonorHttp> gateways = new LinkedHashMap<>();
    private final Map<String, Long> bytes = new TreeMap<>();
    private final Map<String, String> failures = new TreeMap<>();
    private final Set<String> away = new HashSet<>();
    private final Set<String> full = new HashSet<>();
    private final Set<String> gatewaysAway = new HashSet<>();

    RoundDonors(Donors donors, Collection<Wish> wishes) {
        for (Donor donor : donors.all()) {
            String name = donor.options().name();
            byName.put(name, donor);
            gateways.put(name, donors.http("gateway of " + name));
        }
        for (Wish wish : wishes) {
            for (Replica replica : wish.replicas()) {
                if (replica.state() != Replica.State.FAILED && replica.state() != Replica.State.LOST) {
                    gave(replica.donor(), wish.bytes() * replica.wanted());
                }
            }
        }
    }

    /** Something that is asked of a donor. */
    interface Question<T> {
        T ask(Donor donor) throws IOException;
    }

    void begin(Set<Cid> wanted) throws InterruptedIOException {
        for (String name : Set.copyOf(byName.keySet())) {
            var _ = ask(name, donor -> {
                donor.begin(wanted);
                return true;
            });
        }
    }

    /** Asks a donor; empty if it is not one, is left alone, or is from now on. */
    <T> Optional<T> ask(String name, Question<T> question) throws InterruptedIOException {
        Donor donor = byName.get(name);
        if (donor == null || away.contains(name)) {
            return Optional.empty();
        }
        try {
            return Optional.of(question.ask(donor));
        } catch (InterruptedIOException e) {
            throw e;
        } catch (DonorException e) {
            switch (e.kind()) {
                // of what it was asked, not of the donor
                case UNWILLING -> LOG.info("{}", e.getMessage());
                case FULL -> {
                    full.add(name);
                    failures.put(name, String.valueOf(e.getMessage()));
                    LOG.warn("a donor takes nothing more: {}", e.getMessage());
                }
                case AWAY, REFUSED, UNINTELLIGIBLE -> leave(name, String.valueOf(e.getMessage()));
            }
            return Optional.empty();
        } catch (IOException e) {
            leave(name, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private void leave(String name, String reason) {
        away.add(name);
        failures.put(name, reason);
        LOG.warn("a donor is left alone until the next round: {}", reason);
    }

    boolean isKnown(String name) {
        return byName.containsKey(name);
    }

    DonorOptions options(String name) {
        Donor donor = byName.get(name);
        if (donor == null) {
            throw new IllegalArgumentException(name);
        }
        return donor.options();
    }

    /** Returns what asks the gateway of a donor; empty if that is left alone. */
    Optional<DonorHttp> gateway(String name) {
        return gatewaysAway.contains(name) ? Optional.empty() : Optional.ofNullable(gateways.get(name));
    }

    void leaveGateway(String name, String reason) {
        gatewaysAway.add(name);
        failures.put(name, reason);
        LOG.warn("a gateway is left alone until the next round: {}", reason);
    }

    /** Returns, of those who may be asked, the one with the fewest bytes. */
    Optional<String> fewestBytes(Predicate<String> may) {
        return byName.keySet().stream()
                .filter(name -> !away.contains(name) && !full.contains(name) && may.test(name))
                .min(Comparator.comparing((String name) -> bytes.getOrDefault(name, 0L))
                        .thenComparing(Comparator.naturalOrder()));
    }

    void gave(String name, long more) {
        bytes.merge(name, more, Long::sum);
    }

    Map<String, String> failures() {
        return failures;
    }
}
