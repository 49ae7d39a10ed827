package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.config.Configuration;
import dev.narsil.gateway.config.Settings;
import dev.narsil.gateway.donate.DonationPolicy;
import dev.narsil.gateway.donate.DonationSchedule;
import dev.narsil.gateway.donate.Donations;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.metrics.Metrics;
import dev.narsil.gateway.sharing.PathSupply;
import dev.narsil.gateway.subscribe.SubscriptionSchedule;
import dev.narsil.gateway.subscribe.Subscriptions;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What a running server brings and shares by itself.
 *
 * @param subscriptions the subscriptions of its store
 * @param subscriptionSchedule runs them
 * @param donations the donations of its store
 * @param donationSchedule checks them; null where there is no daemon to publish on
 * @param supply brings what the store lacks
 * @param policy what donations may be
 */
record ServedSharing(
        Subscriptions subscriptions,
        SubscriptionSchedule subscriptionSchedule,
        Donations donations,
        @Nullable DonationSchedule donationSchedule,
        PathSupply supply,
        DonationPolicy policy)
        implements AutoCloseable {

    /**
     * Starts it on a store, which must stay open, as must all others, until it is closed.
     *
     * @param kubo the daemon for IPFS; null for none
     */
    static ServedSharing start(
            Configuration configuration, NarStore store, PathSupply supply, @Nullable KuboClient kubo, Metrics metrics)
            throws IOException {
        Subscriptions subscriptions = Subscriptions.load(store);
        Donations donations = Donations.load(store);
        DonationPolicy policy = ServeSetup.donationPolicy(configuration);
        SubscriptionSchedule subscriptionSchedule = SubscriptionSchedule.start(subscriptions, store, supply, kubo);
        subscriptionSchedule.counters().register(subscriptions, metrics);
        DonationSchedule donationSchedule = null;
        if (kubo != null) {
            donationSchedule = DonationSchedule.start(
                    donations, store, supply, kubo, policy, configuration.get(Settings.IPFS_CHECK_INTERVAL));
            donationSchedule.register(metrics);
        }
        return new ServedSharing(subscriptions, subscriptionSchedule, donations, donationSchedule, supply, policy);
    }

    @Override
    public void close() {
        if (donationSchedule != null) {
            donationSchedule.close();
        }
        subscriptionSchedule.close();
    }
}
