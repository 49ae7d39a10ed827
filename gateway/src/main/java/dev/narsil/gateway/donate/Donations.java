package dev.narsil.gateway.donate;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.sharing.NamedRecords;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The donations of one store, of which there is one of these. Safe for use by many threads; reading never blocks. */
public final class Donations {

    private final NamedRecords<Donation> records;

    private Donations(NamedRecords<Donation> records) {
        this.records = records;
    }

    /** Reads those of a store. One that is damaged is left out, with a line in the log. */
    public static Donations load(NarStore store) throws IOException {
        return new Donations(NamedRecords.load(store, Donation.FORM));
    }

    /** Returns them by name. */
    public List<Donation> list() {
        return records.list();
    }

    /** Returns them with the oldest first, which is the order in which they count. */
    List<Donation> byAge() {
        return records.list().stream()
                .sorted(Comparator.comparing(Donation::created).thenComparing(Donation::name))
                .toList();
    }

    /** Returns the one of a name. */
    public Optional<Donation> find(String name) {
        return records.find(name);
    }

    /**
     * Adds one and returns when that is durable. The next check publishes it.
     *
     * @param replace whether one of the same name makes way for it, whose age it then has
     * @throws IllegalArgumentException if there is one of the same name that does not, or there are too many
     */
    public Donation add(DonationTerms terms, Instant now, boolean replace) throws IOException {
        Optional<Donation> same = records.find(terms.name()).filter(_ -> replace);
        Donation added = new Donation(
                terms,
                same.map(Donation::created).orElse(now.truncatedTo(ChronoUnit.SECONDS)),
                same.filter(known -> known.terms().equals(terms))
                        .map(Donation::state)
                        .orElse(DonationState.NEVER));
        records.add(added, replace);
        return added;
    }

    /** Removes one; the next check takes back what nobody else wants. Returns it; empty if there is none. */
    public Optional<Donation> remove(String name) throws IOException {
        return records.remove(name);
    }

    /** Remembers how one does, unless it was removed, or replaced by one of other terms. */
    void update(Donation of, DonationState state) throws IOException {
        var _ = records.update(of.name(), known -> known.terms().equals(of.terms()) ? known.withState(state) : known);
    }
}
