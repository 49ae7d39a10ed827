package dev.narsil.gateway.replicas;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.ipfs.PublishedPath;
import dev.narsil.gateway.ipfs.PublishedPaths;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.pinning.Pin;
import dev.narsil.gateway.replicas.Replica.State;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One look at all copies that are wanted, after which somebody was asked for those that are not there. */
public final class ReplicaRound {

    /** How long a donor may take for what it was asked before somebody else is. */
    static final Duration MAX_PENDING = Duration.ofHours(24);

    /** After which time a donor is asked again for what it could not. */
    static final Duration RETRY_FAILED = Duration.ofHours(24);

    /** Two rounds at a time would ask twice; a store is open in one process only. */
    private static final Semaphore ONE_AT_A_TIME = new Semaphore(1);

    /** Hears that a round goes on, and may end it. */
    @FunctionalInterface
    public interface Step {
        /** Hears of the next path; what it throws ends the round. */
        void next() throws IOException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaRound.class);
    private static final Duration PINS_TIME = Duration.ofMinutes(5);

    private final NarStore store;
    private final Wishes wishes;
    private final PublishedPaths published;
    private final KuboClient kubo;
    private final RoundDonors donors;
    private final ReplicaCheck check;
    private final Step step;
    private final Instant now;
    private final Map<Digest, Wish> wanted;
    private final Set<String> ownPins = new HashSet<>();
    private List<String> origins = List.of();
    private long asked;
    private long lost;

    private ReplicaRound(NarStore store, KuboClient kubo, Donors donors, Duration reverify, Instant now, Step step)
            throws IOException {
        this.store = store;
        this.wishes = new Wishes(store);
        this.published = new PublishedPaths(store);
        this.kubo = kubo;
        this.step = step;
        this.now = now.truncatedTo(ChronoUnit.SECONDS);
        this.wanted = wishes.all();
        this.donors = new RoundDonors(donors, wanted.values());
        this.check = new ReplicaCheck(
                store, kubo, this.donors, new BlockSampler(RandomGenerator.getDefault()), reverify, this.now);
    }

    /**
     * Runs a round; what it finds of a path is durable before it goes on to the next.
     *
     * @param reverify how old a verification may be that is not repeated
     * @param step called before each path; what it throws ends the round, which harms nothing
     * @throws IOException if the own daemon or the store is of no use, or another round runs
     */
    public static RoundSummary run(
            NarStore store, KuboClient kubo, Donors donors, Duration reverify, Instant now, Step step)
            throws IOException {
        if (!ONE_AT_A_TIME.tryAcquire()) {
            throw new IOException("another round is running; look at its result with 'narsil ipfs replicas status'");
        }
        try {
            return new ReplicaRound(store, kubo, donors, reverify, now, step).run();
        } finally {
            ONE_AT_A_TIME.release();
        }
    }

    private RoundSummary run() throws IOException {
        prepare();
        long unpublished = 0;
        long[] sums = new long[4];
        long paths = 0;
        for (Map.Entry<Digest, Wish> entry : wanted.entrySet()) {
            step.next();
            Optional<PublishedPath> path = published.find(entry.getKey());
            Wish after = entry.getValue().wanted() == 0
                    ? released(entry.getKey(), entry.getValue())
                    : lookedAt(entry.getKey(), entry.getValue(), path);
            wishes.update(entry.getKey(), after);
            if (after != null && after.wanted() > 0) {
                paths++;
                unpublished += path.isEmpty() ? 1 : 0;
                sums[0] += after.wanted();
                sums[1] += after.verified();
                sums[2] += after.claimed();
                sums[3] += after.missing();
            }
        }
        return new RoundSummary(paths, unpublished, sums[0], sums[1], sums[2], sums[3], asked, lost, donors.failures());
    }

    private void prepare() throws IOException {
        Set<Cid> cids = new HashSet<>();
        for (Map.Entry<Digest, Wish> entry : wanted.entrySet()) {
            published.find(entry.getKey()).ifPresent(path -> cids.add(path.manifest()));
            Cid before = entry.getValue().manifest();
            if (before != null) {
                cids.add(before);
            }
        }
        if (cids.isEmpty()) {
            return;
        }
        kubo.pins(PINS_TIME, pin -> ownPins.add(pin.cid()));
        origins = kubo.identity().addresses().stream()
                .distinct()
                .filter(address -> address.length() <= Pin.MAX_ADDRESS)
                .limit(Pin.MAX_ADDRESSES)
                .toList();
        donors.begin(cids);
    }

    /** Lets go what is not wanted any more; returns what is left of it, null for nothing. */
    private @Nullable Wish released(Digest digest, Wish wish) throws IOException {
        List<Replica> left = new ArrayList<>();
        Cid manifest = wish.manifest();
        for (Replica replica : wish.replicas()) {
            if (manifest != null && donors.isKnown(replica.donor()) && !release(replica, manifest)) {
                left.add(replica.in(replica.state(), "it could not be told to keep this no longer"));
            }
        }
        LOG.debug("{} copies of {} are left", left.size(), digest);
        return left.isEmpty() ? null : wish.with(manifest, wish.own(), left, now);
    }

    private boolean release(Replica replica, Cid manifest) throws InterruptedIOException {
        return donors.ask(replica.donor(), donor -> {
                    donor.release(replica.requestId(), manifest);
                    return true;
                })
                .isPresent();
    }

    private Wish lookedAt(Digest digest, Wish wish, Optional<PublishedPath> path) throws IOException {
        Cid before = wish.manifest();
        Cid manifest = path.isPresent() ? path.get().manifest() : before;
        if (manifest == null) {
            return wish.with(null, false, List.of(), now);
        }
        List<Replica> replicas = new ArrayList<>();
        for (Replica replica : wish.replicas()) {
            if (before != null && !before.equals(manifest)) {
                if (!release(replica, before)) {
                    LOG.warn("{} goes on keeping {}, which was published anew", replica.donor(), before);
                }
                continue;
            }
            Replica after = check.look(digest, manifest, replica);
            if (after.state() == State.LOST && replica.state() != State.LOST) {
                lost++;
                LOG.warn("{} has lost {}: {}", replica.donor(), manifest, after.details());
            }
            replicas.add(after);
        }
        Wish found = wish.with(manifest, ownPins.contains(manifest.toString()), replicas, now);
        return path.isEmpty() ? found : asked(digest, found, manifest);
    }

    /** Asks for the copies that are neither there nor on their way. */
    private Wish asked(Digest digest, Wish found, Cid manifest) throws IOException {
        List<Replica> replicas = new ArrayList<>(found.replicas());
        Set<String> done = new HashSet<>();
        String name =
                store.path(digest).map(PathInfo::path).map(Object::toString).orElse("");
        Pin pin = new Pin(manifest, name.length() <= Pin.MAX_NAME ? name : "", origins);
        int need = found.missing() - pending(replicas);
        while (need > 0) {
            Optional<String> next = donors.fewestBytes(
                            donor -> !done.contains(donor) && mayBeAsked(donor, replicas, false))
                    .or(() -> donors.fewestBytes(donor -> !done.contains(donor) && mayBeAsked(donor, replicas, true)));
            if (next.isEmpty()) {
                break;
            }
            done.add(next.get());
            need -= ask(digest, next.get(), pin, need, replicas, found.bytes());
        }
        return found.with(manifest, found.own(), replicas, now);
    }

    private int pending(List<Replica> replicas) {
        return replicas.stream()
                .filter(replica -> replica.asked().plus(MAX_PENDING).isAfter(now))
                .mapToInt(replica -> switch (replica.state()) {
                    case ASKED -> replica.wanted();
                    case CLAIMED, VERIFIED -> Math.max(0, replica.wanted() - replica.held());
                    case LOST, FAILED -> 0;
                })
                .sum();
    }

    /** Tells whether a donor may be asked, or asked again if it had the path and lost it. */
    private boolean mayBeAsked(String donor, List<Replica> replicas, boolean again) {
        Replica replica = of(donor, replicas);
        if (replica == null) {
            return !again;
        }
        return switch (replica.state()) {
            case LOST -> again;
            case FAILED -> !again && !replica.asked().plus(RETRY_FAILED).isAfter(now);
            case CLAIMED, VERIFIED ->
                !again
                        && donors.options(donor).kind() == DonorOptions.Kind.CLUSTER
                        && replica.held() >= replica.wanted();
            case ASKED -> false;
        };
    }

    private static @Nullable Replica of(String donor, List<Replica> replicas) {
        return replicas.stream()
                .filter(replica -> replica.donor().equals(donor))
                .findAny()
                .orElse(null);
    }

    /** Asks a donor, and returns how many copies it may make. */
    private int ask(Digest digest, String name, Pin pin, int need, List<Replica> replicas, long bytes)
            throws IOException {
        Replica before = of(name, replicas);
        boolean cluster = donors.options(name).kind() == DonorOptions.Kind.CLUSTER;
        boolean more = before != null && before.state() != State.LOST && before.state() != State.FAILED;
        int copies = (cluster ? need : 1) + (more && before != null ? before.held() : 0);
        if (before != null && !more && !release(before, pin.cid())) {
            return 0;
        }
        Optional<Holding> holding = donors.ask(name, donor -> donor.ask(pin, copies));
        if (holding.isEmpty()) {
            return 0;
        }
        asked++;
        replicas.removeIf(replica -> replica.donor().equals(name));
        Replica after = more && before != null
                ? before.askedFor(copies, now)
                : check.heard(digest, pin.cid(), Replica.of(name, copies, now), holding.get());
        replicas.add(after);
        if (after.state() == State.FAILED) {
            return 0;
        }
        donors.gave(name, bytes * copies);
        check.connect(holding.get().delegates());
        return cluster ? need : 1;
    }
}
