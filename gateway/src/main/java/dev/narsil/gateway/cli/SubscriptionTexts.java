package dev.narsil.gateway.cli;

import dev.narsil.gateway.config.ByteCount;
import dev.narsil.gateway.config.TimeSpan;
import dev.narsil.gateway.subscribe.Subscription;
import dev.narsil.gateway.subscribe.SubscriptionProgress;
import dev.narsil.gateway.subscribe.SubscriptionState;
import dev.narsil.gateway.subscribe.SubscriptionState.Found;
import dev.narsil.gateway.subscribe.SubscriptionState.Result;
import dev.narsil.gateway.subscribe.SubscriptionTerms;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Subscriptions as they are printed. */
final class SubscriptionTexts {

    private final Optional<SubscriptionProgress> progress;

    private SubscriptionTexts(Optional<SubscriptionProgress> progress) {
        this.progress = progress;
    }

    /** Those of the store of a command, with the run that is in progress. */
    static SubscriptionTexts of(Invocation invocation) {
        return new SubscriptionTexts(invocation
                .sharing()
                .flatMap(sharing -> sharing.subscriptionSchedule().progress()));
    }

    private Optional<SubscriptionProgress> progress(Subscription subscription) {
        return progress.filter(run -> run.name().equals(subscription.name()));
    }

    JsonObject document(Subscription subscription) {
        SubscriptionTerms terms = subscription.terms();
        SubscriptionState state = subscription.state();
        Found found = state.found();
        return new JsonObject()
                .put("name", terms.name())
                .put("source", terms.source().told())
                .put("every", TimeSpan.print(terms.every()))
                .put("between", terms.between() == null ? null : terms.between().toString())
                .put("maxBytes", terms.maxBytes())
                .put("created", subscription.created().toString())
                .put("result", state.result().toString())
                .put("began", text(state.began()))
                .put("ended", text(state.ended()))
                .put("next", state.next().toString())
                .put("failures", state.failures())
                .put("paths", found.paths())
                .put("missing", found.missing())
                .put("narBytes", found.bytes())
                .put("broughtPaths", found.broughtPaths())
                .put("broughtNarBytes", found.broughtBytes())
                .put("error", state.error().isEmpty() ? null : state.error())
                .put(
                        "progress",
                        progress(subscription).map(SubscriptionTexts::document).orElse(null));
    }

    private static JsonObject document(SubscriptionProgress run) {
        return new JsonObject()
                .put("paths", run.paths())
                .put("toBring", run.toBring())
                .put("brought", run.brought())
                .put("broughtNarBytes", run.broughtBytes());
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    String table(List<Subscription> subscriptions) {
        Table table = new Table().row("NAME", "EVERY", "AT MOST", "NEXT", "LAST", "OF");
        for (Subscription each : subscriptions) {
            SubscriptionTerms terms = each.terms();
            table.row(
                    terms.name(),
                    TimeSpan.print(terms.every()) + (terms.between() == null ? "" : " " + terms.between()),
                    ByteCount.print(terms.maxBytes()),
                    each.state().result() == Result.RUNNING
                            ? "now"
                            : each.state().next().toString(),
                    progress(each).map(SubscriptionTexts::line).orElseGet(() -> last(each)),
                    terms.source().told());
        }
        StringBuilder text = new StringBuilder(table.print());
        for (Subscription each : subscriptions) {
            if (!each.state().error().isEmpty()) {
                text.append(each.name())
                        .append(": ")
                        .append(each.state().error())
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static String line(SubscriptionProgress run) {
        return run.toBring() == 0
                ? "looking, " + Units.count(run.paths(), "path")
                : Units.count(run.brought()) + " of " + Units.count(run.toBring(), "path") + " brought";
    }

    private static String last(Subscription subscription) {
        Found found = subscription.state().found();
        return subscription.state().result() + ", " + Units.count(found.paths(), "path") + ", "
                + Units.bytes(found.bytes());
    }

    /** Says how a run went, in lines. */
    static String outcome(Subscription ran) {
        Found found = ran.state().found();
        String error = ran.state().error();
        return ran.state().result() + ": " + Units.count(found.paths(), "path") + ", " + Units.bytes(found.bytes())
                + " of NAR; brought " + Units.count(found.broughtPaths(), "path") + ", "
                + Units.bytes(found.broughtBytes())
                + (found.missing() == 0 ? "" : "; " + Units.count(found.missing(), "path") + " missing") + "\n"
                + (error.isEmpty() ? "" : error + "\n");
    }
}
