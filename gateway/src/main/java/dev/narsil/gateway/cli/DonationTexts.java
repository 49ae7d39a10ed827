package dev.narsil.gateway.cli;

import dev.narsil.gateway.config.ByteCount;
import dev.narsil.gateway.donate.Donation;
import dev.narsil.gateway.donate.DonationState;
import dev.narsil.gateway.donate.DonationTerms;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;

/** Donations as they are printed. */
final class DonationTexts {

    private DonationTexts() {}

    static JsonObject document(Donation donation) {
        DonationTerms terms = donation.terms();
        DonationState state = donation.state();
        JsonArray roots = new JsonArray();
        terms.roots().forEach(root -> roots.add(root.baseName()));
        Instant checked = state.checked();
        return new JsonObject()
                .put("name", terms.name())
                .put("paths", roots)
                .put("maxBytes", terms.maxBytes())
                .put("skipPrivate", terms.skipPrivate())
                .put("uploadRate", terms.uploadRate() == 0 ? null : terms.uploadRate())
                .put("maxPeers", terms.maxPeers() == 0 ? null : terms.maxPeers())
                .put("created", donation.created().toString())
                .put("result", state.result().toString())
                .put("checked", checked == null ? null : checked.toString())
                .put("keptPaths", state.kept().paths())
                .put("keptNarBytes", state.kept().bytes())
                .put("skippedPaths", state.kept().skipped())
                .put("publishedPaths", state.kept().published())
                .put("error", state.error().isEmpty() ? null : state.error());
    }

    static String table(List<Donation> donations) {
        Table table = new Table().row("NAME", "AT MOST", "CHECKED", "KEPT", "STATE");
        for (Donation each : donations) {
            DonationState state = each.state();
            Instant checked = state.checked();
            table.row(
                    each.name(),
                    ByteCount.print(each.terms().maxBytes()),
                    checked == null ? "never" : checked.toString(),
                    Units.count(state.kept().paths(), "path") + ", "
                            + Units.bytes(state.kept().bytes()),
                    state.result()
                            + (state.kept().skipped() == 0
                                    ? ""
                                    : ", " + Units.count(state.kept().skipped(), "path") + " left out"));
        }
        StringBuilder text = new StringBuilder(table.print());
        for (Donation each : donations) {
            if (!each.state().error().isEmpty()) {
                text.append(each.name())
                        .append(": ")
                        .append(each.state().error())
                        .append('\n');
            }
        }
        return text.toString();
    }
}
