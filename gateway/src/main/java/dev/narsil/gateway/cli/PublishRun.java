package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.gateway.donate.DonatedPaths;
import dev.narsil.gateway.ipfs.IpfsPublisher;
import dev.narsil.gateway.ipfs.NotPublicException;
import dev.narsil.gateway.ipfs.Publication;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.kubo.KuboException;
import dev.narsil.gateway.kubo.ProvideStrategy;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.pinning.RequestedPins;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One publication of paths of a store, watched by its user. */
final class PublishRun {

    private static final String PROVIDE_ENABLED = "Provide.Enabled";

    private final Invocation invocation;
    private final KuboOption daemon;
    private final @Nullable TrustedKeys trusted;
    private final int jobs;
    private final PublishCounts counts = new PublishCounts();

    /** One that publishes what {@code trusted} has signed, all if it is null, {@code jobs} paths at a time. */
    PublishRun(Invocation invocation, KuboOption daemon, @Nullable TrustedKeys trusted, int jobs) {
        this.invocation = invocation;
        this.daemon = daemon;
        this.trusted = trusted;
        this.jobs = jobs;
    }

    /** Publishes what is selected and returns what came of it. */
    PublishSummary run(PathSelection selection) throws IOException {
        NarStore store = invocation.store();
        Set<Digest> digests = selection.all() ? all(store) : selection.named(store);
        AtomicLong sent = new AtomicLong();
        Duration elapsed;
        try (KuboClient kubo = daemon.open(invocation)) {
            var _ = kubo.version();
            warnOfAnnouncements(invocation, kubo);
            IpfsPublisher publisher =
                    new IpfsPublisher(store, kubo, new RequestedPins(store), trusted, sent::addAndGet);
            try (Progress progress = Progress.show(invocation, () -> counts.state(digests.size(), sent.get()))) {
                publish(publisher, store, digests);
                elapsed = progress.elapsed();
            }
        } catch (IOException e) {
            invocation.cancellation().check();
            throw e;
        }
        return counts.summary(elapsed, selection.all());
    }

    /** Publishes some at a time, on platform threads as reading the store is native, and stops at the first that fails. */
    private void publish(IpfsPublisher publisher, NarStore store, Set<Digest> digests) throws IOException {
        Queue<Digest> left = new ConcurrentLinkedQueue<>(digests);
        try (ExecutorService threads = Executors.newFixedThreadPool(
                jobs, Thread.ofPlatform().name("narsil-publish-", 1).daemon().factory())) {
            CompletionService<Void> workers = new ExecutorCompletionService<>(threads);
            for (int i = 0; i < jobs; i++) {
                var _ = workers.submit(() -> {
                    for (Digest digest = left.poll(); digest != null; digest = left.poll()) {
                        invocation.cancellation().check();
                        Optional<PathInfo> info = store.path(digest);
                        if (info.isPresent()) {
                            publish(publisher, info.get());
                        }
                    }
                    return null;
                });
            }
            try {
                for (int i = 0; i < jobs; i++) {
                    workers.take().get();
                }
            } finally {
                left.clear();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    /** Publishes a path; what is wrong with the path alone is counted, what is wrong with the daemon thrown. */
    private void publish(IpfsPublisher publisher, PathInfo info) throws IOException {
        String path = info.path().toString();
        try {
            Publication publication = publisher.publish(info);
            new DonatedPaths(invocation.store()).claim(info.path().digest());
            counts.published(publication, info.narSize());
        } catch (NotPublicException e) {
            counts.refused(path, Failures.reason(e));
        } catch (StoreException | FormatException e) {
            counts.failed(path, Failures.reason(e));
        } catch (KuboException e) {
            if (e.kind() != KuboException.Kind.FAILED) {
                throw e;
            }
            counts.failed(path, Failures.reason(e));
        }
    }

    private static Set<Digest> all(NarStore store) throws IOException {
        Set<Digest> digests = new LinkedHashSet<>();
        store.forEachPath(info -> digests.add(info.path().digest()));
        return digests;
    }

    /** Says so if the daemon announces every block to the network, which no daemon can keep up with. */
    static void warnOfAnnouncements(Invocation invocation, KuboClient kubo) throws IOException {
        if (announcesBlocks(kubo).orElse(false)) {
            invocation.tell(
                    "narsil: ipfs: the daemon announces every single block to the network, some 20 messages a day"
                            + " each; to announce NARs only: ipfs config " + ProvideStrategy.KEY + " "
                            + ProvideStrategy.ROOTS_OF_FILES.text() + ", then restart it\n");
        }
    }

    /** Tells whether a daemon announces every block; empty if its configuration is not for us to see. */
    static Optional<Boolean> announcesBlocks(KuboClient kubo) throws IOException {
        try {
            return Optional.of(
                    ProvideStrategy.of(kubo.config(ProvideStrategy.KEY)).announcesBlocks()
                            && kubo.configFlag(PROVIDE_ENABLED).orElse(true));
        } catch (KuboException e) {
            if (e.kind() == KuboException.Kind.REFUSED) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
