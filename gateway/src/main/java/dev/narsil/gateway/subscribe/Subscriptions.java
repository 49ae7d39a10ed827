package dev.narsil.gateway.subscribe;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.sharing.NamedRecords;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** The subscriptions of one store, of which there is one of these. Safe for use by many threads; reading never blocks. */
public final class Subscriptions {

    private final NamedRecords<Subscription> records;

    private Subscriptions(NamedRecords<Subscription> records) {
        this.records = records;
    }

    /** Reads those of a store. One that is damaged is left out, with a line in the log. */
    public static Subscriptions load(NarStore store) throws IOException {
        return new Subscriptions(NamedRecords.load(store, Subscription.FORM));
    }

    /** Returns them by name. */
    public List<Subscription> list() {
        return records.list();
    }

    /** Returns the one of a name. */
    public Optional<Subscription> find(String name) {
        return records.find(name);
    }

    /**
     * Adds one, which is due at once, and returns when that is durable.
     *
     * @param replace whether one of the same name makes way for it; what is known of its runs stays known if it is the same
     * @throws IllegalArgumentException if there is one of the same name that does not, or there are too many
     */
    public Subscription add(SubscriptionTerms terms, Instant now, boolean replace) throws IOException {
        Instant seconds = now.truncatedTo(ChronoUnit.SECONDS);
        Optional<Subscription> same = records.find(terms.name())
                .filter(known -> replace && known.terms().source().equals(terms.source()));
        Subscription added = new Subscription(
                terms,
                same.map(Subscription::created).orElse(seconds),
                same.filter(known -> known.terms().equals(terms))
                        .map(Subscription::state)
                        .orElseGet(() -> SubscriptionState.due(seconds)));
        records.add(added, replace);
        return added;
    }

    /** Removes one; what it brought stays. Returns it; empty if there is none of this name. */
    public Optional<Subscription> remove(String name) throws IOException {
        return records.remove(name);
    }

    /** Remembers how one does, unless it was removed, or replaced by one of other terms. */
    void update(Subscription of, SubscriptionState state) throws IOException {
        var _ = records.update(of.name(), known -> known.terms().equals(of.terms()) ? known.withState(state) : known);
    }
}
