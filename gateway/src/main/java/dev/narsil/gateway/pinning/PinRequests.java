package dev.narsil.gateway.pinning;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.pinning.PinRequest.Id;
import dev.narsil.gateway.pinning.PinRequest.Phase;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of one store, held in memory; every change is durable when its method returns. Safe for use by many
 * threads.
 */
final class PinRequests {

    private static final Logger LOG = LoggerFactory.getLogger(PinRequests.class);

    private final NarStore store;
    private final SecureRandom random = new SecureRandom();
    private final ConcurrentSkipListMap<Long, PinRequest> byTime = new ConcurrentSkipListMap<>();
    private final Object changes = new Object();

    private PinRequests(NarStore store) {
        this.store = store;
    }

    /** Reads those of a store. One that is damaged is left out, and its pin left alone, with a line in the log. */
    static PinRequests load(NarStore store) throws IOException {
        PinRequests requests = new PinRequests(store);
        store.forEachRecord(Table.PIN_REQUEST, (key, value) -> {
            try {
                PinRequest request = PinRequest.decode(value);
                requests.byTime.put(request.id().millis(), request);
            } catch (FormatException e) {
                LOG.error("a request for a pin is left out: {}", e.getMessage());
            }
        });
        return requests;
    }

    int size() {
        return byTime.size();
    }

    /** Returns all, the oldest first, as they are or become while they are looked at. */
    Collection<PinRequest> all() {
        return byTime.values();
    }

    /** Returns those that an owner has and has not removed, the latest first. */
    List<PinRequest> of(String owner) {
        List<PinRequest> own = new ArrayList<>();
        for (PinRequest request : byTime.descendingMap().values()) {
            if (request.owner().equals(owner) && request.phase() != Phase.REMOVED) {
                own.add(request);
            }
        }
        return own;
    }

    /** Returns the others about a CID. */
    List<PinRequest> others(Id id, Cid cid) {
        return byTime.values().stream()
                .filter(other -> other.pin().cid().equals(cid) && !other.id().equals(id))
                .toList();
    }

    Optional<PinRequest> find(Id id) {
        PinRequest request = byTime.get(id.millis());
        return request != null && request.id().equals(id) ? Optional.of(request) : Optional.empty();
    }

    /** Adds one, in the same commit in which the one it replaces is removed. */
    PinRequest add(String owner, Pin pin, @Nullable PinRequest replaced, Instant now) throws IOException {
        synchronized (changes) {
            long last = byTime.isEmpty() ? 0 : byTime.lastKey();
            Id id = new Id(Math.max(now.toEpochMilli(), last + 1), random.nextLong());
            PinRequest added =
                    new PinRequest(id, owner, pin, Phase.QUEUED, false, 0, "", replaced == null ? null : replaced.id());
            List<Entry> entries = new ArrayList<>();
            entries.add(entry(added));
            PinRequest removed = replaced == null ? null : replaced.in(Phase.REMOVED, "");
            if (removed != null) {
                entries.add(entry(removed));
            }
            write(entries);
            byTime.put(id.millis(), added);
            if (removed != null) {
                byTime.put(removed.id().millis(), removed);
            }
            return added;
        }
    }

    /** Changes one, unless it is removed or not there; returns what it is then, empty if there is nothing. */
    Optional<PinRequest> change(Id id, UnaryOperator<PinRequest> change) throws IOException {
        synchronized (changes) {
            Optional<PinRequest> found = find(id);
            if (found.isEmpty() || found.get().phase() == Phase.REMOVED) {
                return Optional.empty();
            }
            PinRequest changed = change.apply(found.get());
            if (!changed.equals(found.get())) {
                write(List.of(entry(changed)));
                byTime.put(id.millis(), changed);
            }
            return Optional.of(changed);
        }
    }

    /** Forgets one that is removed. */
    void forget(Id id) throws IOException {
        synchronized (changes) {
            write(List.of(new Entry(Table.PIN_REQUEST, id.bytes(), null)));
            byTime.remove(id.millis());
        }
    }

    private static Entry entry(PinRequest request) {
        return new Entry(Table.PIN_REQUEST, request.id().bytes(), request.encode());
    }

    private void write(List<Entry> entries) throws IOException {
        try {
            var written = store.write(entries);
            store.expedite();
            written.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
