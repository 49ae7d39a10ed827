package dev.narsil.gateway.donate;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.donate.DonationState.Result;
import dev.narsil.gateway.importer.WantedPath;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.sharing.ClosureWalk;
import dev.narsil.gateway.sharing.PathSupply;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a donation comes to, before anything of it is fetched or sent.
 *
 * @param donation the donation
 * @param paths the sizes of the NARs of its public paths, in the order in which they were found
 * @param lacking those of them that the store lacks
 * @param skipped number of paths that are not public
 * @param refusal why it is refused; null if it is not
 * @param error what is wrong; empty for nothing
 * @param unknown number of paths of which nothing is known
 */
record DonationPlan(
        Donation donation,
        Map<Digest, Long> paths,
        List<Digest> lacking,
        long skipped,
        @Nullable Result refusal,
        String error,
        long unknown) {

    /** Most paths that are not public that are told by name. */
    private static final int MAX_TOLD = 5;

    /** Ends a walk, as the closures are too large. */
    private static final class TooLargeException extends IOException {
        private static final long serialVersionUID = 1L;

        TooLargeException(long maxBytes) {
            super("its closures have more than " + maxBytes + " bytes of NAR");
        }
    }

    /** The paths of a walk so far. */
    private static final class Found implements ClosureWalk.Visitor {

        private final DonationTerms terms;
        private final TrustedKeys publicKeys;
        private final NarStore store;
        private final Map<Digest, Long> paths = new LinkedHashMap<>();
        private final List<Digest> lacking = new ArrayList<>();
        private final List<String> told = new ArrayList<>();
        private long bytes;
        private long notPublic;

        Found(DonationTerms terms, TrustedKeys publicKeys, NarStore store) {
            this.terms = terms;
            this.publicKeys = publicKeys;
            this.store = store;
        }

        @Override
        public void path(PathInfo info, boolean stored) throws IOException {
            TrustedKeys.Verdict verdict = publicKeys.verify(info, store.storeDir());
            if (!verdict.trusted()) {
                notPublic++;
                if (told.size() < MAX_TOLD) {
                    told.add(info.path() + ": " + verdict.reason());
                }
                return;
            }
            bytes += info.narSize();
            if (bytes > terms.maxBytes()) {
                throw new TooLargeException(terms.maxBytes());
            }
            Digest digest = info.path().digest();
            paths.put(digest, info.narSize());
            if (!stored) {
                lacking.add(digest);
            }
        }

        /** Says which paths are not public. */
        String privatePaths() {
            String more = notPublic > told.size() ? "; and " + (notPublic - told.size()) + " more" : "";
            return "not public: " + String.join("; ", told) + more;
        }
    }

    /**
     * Makes the plan of a donation.
     *
     * @param stopped ends it; then it is no plan
     * @throws IOException what reading the store gives
     */
    static DonationPlan of(
            Donation donation, NarStore store, PathSupply supply, TrustedKeys publicKeys, BooleanSupplier stopped)
            throws IOException, InterruptedException {
        DonationTerms terms = donation.terms();
        Found found = new Found(terms, publicKeys, store);
        List<WantedPath> roots = terms.roots().stream().map(WantedPath::of).toList();
        ClosureWalk.Walked walked;
        try {
            walked = new ClosureWalk(store, supply, stopped).walk(roots, found);
        } catch (TooLargeException e) {
            return refused(donation, Result.TOO_LARGE, String.valueOf(e.getMessage()), found);
        }
        if (!walked.complete()) {
            throw new InterruptedException("stopped");
        }
        if (found.notPublic > 0 && !terms.skipPrivate()) {
            return refused(donation, Result.PRIVATE, found.privatePaths(), found);
        }
        return new DonationPlan(
                donation, found.paths, found.lacking, found.notPublic, null, walked.describe(), walked.unknown());
    }

    private static DonationPlan refused(Donation donation, Result refusal, String error, Found found) {
        return new DonationPlan(donation, Map.of(), List.of(), found.notPublic, refusal, error, 0);
    }

    /** Returns this as it is if all donations together are too large. */
    DonationPlan overTotal(long maxBytes) {
        return new DonationPlan(
                donation,
                Map.of(),
                List.of(),
                skipped,
                Result.OVER_TOTAL,
                "with the older donations it has more than " + maxBytes + " bytes of NAR",
                0);
    }

    boolean isRefused() {
        return refusal != null;
    }
}
