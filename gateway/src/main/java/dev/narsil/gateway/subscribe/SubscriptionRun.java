package dev.narsil.gateway.subscribe;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.importer.WantedPath;
import dev.narsil.gateway.sharing.ClosureFetch;
import dev.narsil.gateway.sharing.ClosureWalk;
import dev.narsil.gateway.sharing.PathSupply;
import dev.narsil.gateway.subscribe.SubscriptionState.Found;
import dev.narsil.gateway.subscribe.SubscriptionState.Result;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** One run of a subscription. Used once; how far it is may be asked by any thread. */
final class SubscriptionRun {

    private final Subscription subscription;
    private final NarStore store;
    private final PathSupply supply;
    private final PathLists lists;
    private final BooleanSupplier stopped;
    private final ClosureFetch fetch;
    private final List<Digest> lacking = new ArrayList<>();
    private final AtomicLong paths = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private volatile long toBring;

    /**
     * One that has not begun.
     *
     * @param stopped asked now and then whether to end it
     */
    SubscriptionRun(
            Subscription subscription, NarStore store, PathSupply supply, PathLists lists, BooleanSupplier stopped) {
        this.subscription = subscription;
        this.store = store;
        this.supply = supply;
        this.lists = lists;
        this.stopped = stopped;
        this.fetch = new ClosureFetch(supply, stopped);
    }

    /** How a run ended; what it found, and what there is to remember. */
    record Ended(Result result, Found found, String validator, String error) {}

    /** Ends a walk, as the closures are too large. */
    private static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1L;

        TooLargeException(long maxBytes) {
            super("the closures have more than " + maxBytes + " bytes of NAR");
        }
    }

    /** Runs to the end. Failures are part of the result; only interrupting it is none. */
    Ended run() throws InterruptedException {
        boolean whole = subscription.state().result() == Result.COMPLETE;
        try {
            Optional<PathLists.Listed> listed = lists.read(
                    subscription.terms().source(), whole ? subscription.state().validator() : "");
            if (listed.isEmpty()) {
                Found same = subscription.state().found();
                return new Ended(
                        Result.COMPLETE,
                        new Found(same.paths(), 0, same.bytes(), 0, 0),
                        subscription.state().validator(),
                        "");
            }
            return run(listed.get());
        } catch (TooLargeException e) {
            return ended(Result.TOO_LARGE, 0, "", e.getMessage());
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted");
            }
            return ended(Result.FAILED, 0, "", e.getMessage());
        }
    }

    private Ended run(PathLists.Listed listed) throws IOException, InterruptedException {
        ClosureWalk.Walked walked = walk(listed.paths());
        if (!walked.complete()) {
            return ended(Result.STOPPED, walked.unknown(), "", "");
        }
        toBring = lacking.size();
        // mostly what is referred to comes before what refers to it
        if (!fetch.run(lacking.reversed())) {
            return ended(Result.STOPPED, walked.unknown(), "", "");
        }
        String unknown = walked.describe();
        String failures = fetch.describeFailures();
        String separator = unknown.isEmpty() || failures.isEmpty() ? "" : "; ";
        String error = unknown + separator + failures;
        return error.isEmpty()
                ? ended(Result.COMPLETE, 0, listed.validator(), "")
                : ended(Result.INCOMPLETE, walked.unknown(), "", error);
    }

    private ClosureWalk.Walked walk(List<WantedPath> roots) throws IOException, InterruptedException {
        long most = subscription.terms().maxBytes();
        return new ClosureWalk(store, supply, stopped).walk(roots, (info, stored) -> {
            paths.incrementAndGet();
            if (bytes.addAndGet(info.narSize()) > most) {
                throw new TooLargeException(most);
            }
            if (!stored) {
                lacking.add(info.path().digest());
            }
        });
    }

    /** Returns the end of this run, with {@code unknown} paths of which nothing is known. */
    private Ended ended(Result result, long unknown, String validator, @Nullable String error) {
        return new Ended(
                result,
                new Found(paths.get() + unknown, unknown + fetch.failed(), bytes.get(), fetch.paths(), fetch.bytes()),
                validator,
                error == null ? "not told" : error);
    }

    /** Returns how far it is. */
    SubscriptionProgress progress() {
        return new SubscriptionProgress(subscription.name(), paths.get(), toBring, fetch.paths(), fetch.bytes());
    }
}
