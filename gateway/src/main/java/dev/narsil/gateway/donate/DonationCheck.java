package dev.narsil.gateway.donate;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.gateway.donate.DonationState.Kept;
import dev.narsil.gateway.donate.DonationState.Result;
import dev.narsil.gateway.ipfs.IpfsPublisher;
import dev.narsil.gateway.ipfs.NotPublicException;
import dev.narsil.gateway.ipfs.PublishedPath;
import dev.narsil.gateway.ipfs.PublishedPaths;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.kubo.KuboException;
import dev.narsil.gateway.pinning.RequestedPins;
import dev.narsil.gateway.sharing.ClosureFetch;
import dev.narsil.gateway.sharing.ClosureWalk;
import dev.narsil.gateway.sharing.PathSupply;
import dev.narsil.gateway.sharing.StopSignal;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One check of all donations of a store on one daemon, as {@link dev.narsil.gateway.donate} says. Used once. */
public final class DonationCheck {

    private static final Logger LOG = LoggerFactory.getLogger(DonationCheck.class);

    private final Donations donations;
    private final NarStore store;
    private final PathSupply supply;
    private final KuboClient kubo;
    private final DonationPolicy policy;
    private final InstantSource clock;
    private final StopSignal stop;
    private final PublishedPaths published;
    private final DonatedPaths marks;

    /**
     * A check that has not begun.
     *
     * @param supply brings what the store lacks
     * @param stop ends it
     */
    public DonationCheck(
            Donations donations,
            NarStore store,
            PathSupply supply,
            KuboClient kubo,
            DonationPolicy policy,
            InstantSource clock,
            StopSignal stop) {
        this.donations = donations;
        this.store = store;
        this.supply = supply;
        this.kubo = kubo;
        this.policy = policy;
        this.clock = clock;
        this.stop = stop;
        this.published = new PublishedPaths(store);
        this.marks = new DonatedPaths(store);
    }

    /** Tells why a donation of these terms would be refused, as far as the store knows its paths; asks nobody else. */
    public static Optional<String> refusal(DonationTerms terms, NarStore store, DonationPolicy policy)
            throws IOException {
        Donation asked = new Donation(terms, Instant.EPOCH, DonationState.NEVER);
        try {
            DonationPlan plan = DonationPlan.of(asked, store, PathSupply.NONE, policy.publicKeys(), () -> false);
            return plan.refusal() == null ? Optional.empty() : Optional.of(plan.error());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    /**
     * Checks to the end. What is wrong with a donation is part of its state.
     *
     * @throws IOException if the store fails, or the daemon while something is taken back
     * @throws InterruptedException also if it was stopped
     */
    public void run() throws IOException, InterruptedException {
        List<Donation> all = donations.byAge();
        Set<Digest> marked = marks.all();
        if (all.isEmpty() && marked.isEmpty()) {
            return;
        }
        List<DonationPlan> plans = plans(all);
        Set<Digest> wanted = new HashSet<>();
        plans.forEach(plan -> wanted.addAll(plan.paths().keySet()));
        takeBack(marked, wanted);
        for (DonationPlan plan : plans) {
            checkStopped();
            DonationState state = plan.refusal() == null ? publish(plan) : refused(plan, plan.refusal());
            LOG.info("donation {}: {}, {} {}", plan.donation().name(), state.result(), state.kept(), state.error());
            donations.update(plan.donation(), state);
        }
    }

    /** Makes the plans, oldest first: those for which there is no more room are refused. */
    private List<DonationPlan> plans(List<Donation> all) throws IOException, InterruptedException {
        List<DonationPlan> plans = new ArrayList<>();
        Set<Digest> counted = new HashSet<>();
        long bytes = 0;
        for (Donation donation : all) {
            DonationPlan plan = plan(donation);
            long more = plan.paths().entrySet().stream()
                    .filter(path -> !counted.contains(path.getKey()))
                    .mapToLong(Map.Entry::getValue)
                    .sum();
            if (more > policy.maxBytes() - bytes
                    || counted.size() + plan.paths().size() > ClosureWalk.MAX_PATHS) {
                plans.add(plan.overTotal(policy.maxBytes()));
            } else {
                bytes += more;
                counted.addAll(plan.paths().keySet());
                plans.add(plan);
            }
        }
        return plans;
    }

    private DonationPlan plan(Donation donation) throws IOException, InterruptedException {
        return DonationPlan.of(donation, store, supply, policy.publicKeys(), stop::isStopped);
    }

    /** Takes back what is in IPFS for donations only, and that none wants. */
    private void takeBack(Set<Digest> marked, Set<Digest> wanted) throws IOException, InterruptedException {
        IpfsPublisher publisher = publisher(_ -> {});
        for (Digest digest : marked) {
            if (!wanted.contains(digest)) {
                checkStopped();
                var _ = publisher.unpublish(digest);
                marks.claim(digest);
            }
        }
    }

    private IpfsPublisher publisher(LongConsumer progress) {
        return new IpfsPublisher(store, kubo, new RequestedPins(store), policy.publicKeys(), progress);
    }

    private DonationState refused(DonationPlan plan, Result refusal) {
        return new DonationState(refusal, now(), new Kept(0, plan.skipped(), 0, 0), plan.error());
    }

    /** Brings what the store lacks, and publishes all of a plan. */
    private DonationState publish(DonationPlan plan) throws InterruptedException {
        ClosureFetch fetch = new ClosureFetch(supply, stop::isStopped);
        if (!fetch.run(plan.lacking().reversed())) {
            throw new InterruptedException("stopped");
        }
        if (plan.unknown() + fetch.failed() > 0) {
            String failures = fetch.describeFailures();
            String error = plan.error().isEmpty() || failures.isEmpty()
                    ? plan.error() + failures
                    : plan.error() + "; " + failures;
            return new DonationState(Result.INCOMPLETE, now(), new Kept(0, plan.skipped(), 0, 0), error);
        }
        return new Publishing(plan).run();
    }

    /** The publishing of one donation. */
    private final class Publishing {

        private final DonationPlan plan;
        private final IpfsPublisher publisher;
        private long paths;
        private long bytes;
        private long fresh;
        private String error = "";

        Publishing(DonationPlan plan) {
            this.plan = plan;
            UploadPace pace = new UploadPace(plan.donation().terms().uploadRate(), System::nanoTime, stop::await);
            this.publisher = publisher(pace);
        }

        DonationState run() throws InterruptedException {
            Result result = Result.KEPT;
            try {
                for (Digest digest : plan.paths().keySet()) {
                    checkStopped();
                    publish(digest);
                }
            } catch (NotPublicException e) {
                result = Result.PRIVATE;
                error = String.valueOf(e.getMessage());
            } catch (IOException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted");
                }
                result = Result.FAILED;
                error = String.valueOf(e.getMessage());
            }
            if (result == Result.KEPT && !error.isEmpty()) {
                result = Result.FAILED;
            }
            return new DonationState(result, now(), new Kept(paths, plan.skipped(), bytes, fresh), error);
        }

        /** Publishes a path unless the daemon keeps it; throws what is wrong with more than the path. */
        private void publish(Digest digest) throws IOException {
            Optional<PathInfo> info = store.path(digest);
            try {
                if (info.isEmpty()) {
                    throw new StoreException(StoreException.Kind.ABSENT, digest + " is not stored any more");
                }
                if (keep(info.get())) {
                    fresh++;
                }
                paths++;
                bytes += info.get().narSize();
            } catch (StoreException | FormatException e) {
                failed(digest, e);
            } catch (KuboException e) {
                if (e.kind() != KuboException.Kind.FAILED) {
                    throw e;
                }
                failed(digest, e);
            }
        }

        private void failed(Digest digest, IOException failure) {
            LOG.warn("donated path {}: {}", digest, failure.getMessage());
            if (error.isEmpty()) {
                error = digest + ": " + failure.getMessage();
            }
        }

        /** Has the daemon keep a path; returns whether it did not. */
        private boolean keep(PathInfo info) throws IOException {
            Digest digest = info.path().digest();
            Optional<PublishedPath> known = published.find(digest);
            if (known.isEmpty()) {
                marks.mark(digest, now());
            } else if (isHollow(known.get())) {
                // a pin without blocks keeps nothing, but would count as kept; who else wants it has it back with what
                // follows
                var _ = kubo.unpin(known.get().manifest());
            }
            return publisher.publish(info).fresh();
        }

        /** Tells whether the daemon has a pin of a path and lost the manifest, or the root of the NAR. */
        private boolean isHollow(PublishedPath path) throws IOException {
            return kubo.isPinned(path.manifest())
                    && (kubo.size(path.manifest()).isEmpty()
                            || kubo.size(path.nar()).isEmpty());
        }
    }

    private void checkStopped() throws InterruptedException {
        if (stop.isStopped()) {
            throw new InterruptedException("stopped");
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS);
    }
}
