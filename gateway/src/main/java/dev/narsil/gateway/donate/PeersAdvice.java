package dev.narsil.gateway.donate;

import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.kubo.KuboException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What there is to say of the peers of a daemon, which only its own configuration bounds. */
public final class PeersAdvice {

    private static final String HIGH_WATER = "Swarm.ConnMgr.HighWater";

    /** What Kubo has where nothing is configured. */
    private static final long KUBO_DEFAULT = 96;

    private PeersAdvice() {}

    /** Returns a sentence if the daemon may have more peers than a donation wants; empty if it does not tell, too. */
    public static Optional<String> of(KuboClient kubo, List<Donation> donations) throws IOException {
        int most = donations.stream()
                .mapToInt(each -> each.terms().maxPeers())
                .filter(peers -> peers > 0)
                .min()
                .orElse(0);
        if (most == 0) {
            return Optional.empty();
        }
        try {
            long allowed = kubo.configNumber(HIGH_WATER).orElse(KUBO_DEFAULT);
            return allowed <= most
                    ? Optional.empty()
                    : Optional.of("the daemon may have " + allowed + " peers, and a donation wants at most " + most
                            + ": ipfs config --json " + HIGH_WATER + " " + most + ", then restart it");
        } catch (KuboException e) {
            if (e.kind() == KuboException.Kind.REFUSED) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
