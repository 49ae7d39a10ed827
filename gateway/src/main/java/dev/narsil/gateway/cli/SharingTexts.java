package dev.narsil.gateway.cli;

import dev.narsil.gateway.donate.Donation;
import dev.narsil.gateway.donate.DonationState;
import dev.narsil.gateway.subscribe.Subscription;
import dev.narsil.gateway.subscribe.SubscriptionState;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;

/** What {@code stats} tells of donations and subscriptions. */
final class SharingTexts {

    private SharingTexts() {}

    /** Adds what there is to tell to a document, where there is something of the kind. */
    static JsonObject addTo(JsonObject document, Invocation invocation) throws IOException {
        List<Subscription> subscriptions = invocation.subscriptions().list();
        List<Donation> donations = invocation.donations().list();
        if (subscriptions.isEmpty() && donations.isEmpty()) {
            return document;
        }
        return document.put(
                "sharing",
                new JsonObject()
                        .put("subscriptions", subscriptions.size())
                        .put("subscriptionsComplete", complete(subscriptions))
                        .put("donations", donations.size())
                        .put("donationsKept", kept(donations))
                        .put("donatedPaths", paths(donations))
                        .put("donatedNarBytes", bytes(donations)));
    }

    /** Returns lines, none where there is nothing of the kind. */
    static String table(Invocation invocation) throws IOException {
        List<Subscription> subscriptions = invocation.subscriptions().list();
        List<Donation> donations = invocation.donations().list();
        Table table = new Table();
        if (!subscriptions.isEmpty()) {
            table.row(
                    "subscriptions",
                    Units.count(subscriptions.size()),
                    "",
                    Units.count(complete(subscriptions)) + " complete");
        }
        if (!donations.isEmpty()) {
            table.row(
                    "donations",
                    Units.count(donations.size()),
                    Units.bytes(bytes(donations)),
                    Units.count(kept(donations)) + " kept, " + Units.count(paths(donations), "path"));
        }
        return table.print();
    }

    private static long complete(List<Subscription> subscriptions) {
        return subscriptions.stream()
                .filter(each -> each.state().result() == SubscriptionState.Result.COMPLETE)
                .count();
    }

    private static long kept(List<Donation> donations) {
        return donations.stream()
                .filter(each -> each.state().result() == DonationState.Result.KEPT)
                .count();
    }

    private static long paths(List<Donation> donations) {
        return donations.stream().mapToLong(each -> each.state().kept().paths()).sum();
    }

    private static long bytes(List<Donation> donations) {
        return donations.stream().mapToLong(each -> each.state().kept().bytes()).sum();
    }
}
