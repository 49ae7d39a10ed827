package dev.narsil.gateway.cli;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.gateway.ipfs.index.FollowedIndex;
import dev.narsil.gateway.ipfs.index.FollowedIndexes;
import dev.narsil.gateway.ipfs.index.RefreshMeters;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the followed indexes do, as {@code narsil stats} tells it.
 *
 * @param indexes those of the store, by their numbers
 * @param refreshes how asking for them went; empty where no server runs
 * @param now the time that ages are counted to
 * @param trouble why those of the store cannot be told; empty if they can
 */
record IndexFigures(
        Map<Integer, FollowedIndex> indexes, Optional<RefreshMeters> refreshes, Instant now, String trouble) {

    /** Those of the store of an invocation. */
    static IndexFigures of(Invocation invocation) throws IOException {
        InstantSource clock = InstantSource.system();
        try {
            return new IndexFigures(
                    new FollowedIndexes(invocation.store(), clock).byNumber(),
                    invocation.refreshes(),
                    clock.instant(),
                    "");
        } catch (FormatException e) {
            return new IndexFigures(
                    Map.of(),
                    invocation.refreshes(),
                    clock.instant(),
                    "followed indexes cannot be read: " + e.getMessage());
        }
    }

    /** Returns an object to which what is known is added, where indexes are followed. */
    JsonObject addTo(JsonObject document) {
        if (!trouble.isEmpty()) {
            document.put("indexTrouble", trouble);
        }
        if (indexes.isEmpty()) {
            return document;
        }
        JsonArray all = new JsonArray();
        indexes.forEach((number, index) -> {
            JsonObject each = new JsonObject()
                    .put("number", number)
                    .put("source", index.source().toString())
                    .put("ageSeconds", seconds(index.made()))
                    .put("unaskedSeconds", seconds(index.asked()))
                    .put("lastError", index.failure().isEmpty() ? null : index.failure());
            refreshes.ifPresent(
                    meters -> each.put("refreshes", meters.tally(number).done())
                            .put("failures", meters.tally(number).failed()));
            all.add(each);
        });
        return document.put("indexes", all);
    }

    /** Returns lines of text; none where no index is followed and all is well. */
    String print() {
        Table table = new Table();
        indexes.forEach((number, index) -> {
            Long unasked = seconds(index.asked());
            table.row(
                    "index " + number + " " + index.source(),
                    unasked == null ? "never had" : "asked for " + Units.count(unasked / 60, "minute") + " ago",
                    refreshes
                            .map(meters -> meters.tally(number))
                            .map(tally ->
                                    Units.count(tally.done()) + " times, " + Units.count(tally.failed(), "failure"))
                            .orElse(""),
                    index.failure().isEmpty() ? "" : "last error: " + index.failure());
        });
        return table.print() + (trouble.isEmpty() ? "" : trouble + "\n");
    }

    private @Nullable Long seconds(Instant then) {
        return then.equals(Instant.EPOCH)
                ? null
                : Math.max(0, Duration.between(then, now).toSeconds());
    }
}
