package dev.narsil.gateway.cli;

import dev.narsil.blockstore.StoreStats;
import dev.narsil.gateway.upstream.UpstreamState;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prints what the store holds. */
@Command(
        name = "stats",
        description =
                "Shows what the store holds and what it takes on disk, and how the upstreams of a running server do.",
        footer = {"", "Example: narsil stats --json | jq .storedBytes"})
final class StatsCommand implements StoreCommand {

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public StoreUse use() {
        return StoreUse.REQUIRE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        StoreStats stats = invocation.store().stats();
        List<UpstreamState> upstreams = invocation.upstreams();
        OriginFigures origins = new OriginFigures(invocation.downloads(), invocation.fetched());
        IndexFigures indexes = IndexFigures.of(invocation);
        if (json) {
            JsonObject document = origins.addTo(document(stats).put("upstreams", documents(upstreams)));
            invocation.print(SharingTexts.addTo(indexes.addTo(document), invocation));
        } else {
            invocation.print(table(stats)
                    + table(upstreams)
                    + origins.print()
                    + indexes.print()
                    + SharingTexts.table(invocation));
        }
        return ExitCode.OK;
    }

    static JsonObject document(StoreStats stats) {
        return new JsonObject()
                .put("paths", stats.paths())
                .put("nars", stats.nars())
                .put("narBytes", stats.narBytes())
                .put("uniqueNarBytes", stats.uniqueNarBytes())
                .put("strippedUniqueBytes", stats.strippedUniqueBytes())
                .put("packBytes", stats.packBytes())
                .put("metadataBytes", stats.metadataBytes())
                .put("storedBytes", stats.storedBytes())
                .put("blocks", stats.blocks())
                .put("packs", stats.packs())
                .put("recipes", stats.recipes())
                .put("holes", stats.holes());
    }

    private static String table(StoreStats stats) {
        return new Table()
                .row("store paths", Units.count(stats.paths()), Units.bytes(stats.narBytes()), "of NAR")
                .row("distinct NARs", Units.count(stats.nars()), Units.bytes(stats.uniqueNarBytes()), "")
                .row(
                        "blocks",
                        Units.count(stats.blocks()),
                        Units.bytes(stats.strippedUniqueBytes()),
                        "before compression")
                .row("packs", Units.count(stats.packs()), Units.bytes(stats.packBytes()), "on disk")
                .row("recipes", Units.count(stats.recipes()), "", "with " + Units.count(stats.holes(), "hole"))
                .row("metadata", "", Units.bytes(stats.metadataBytes()), "on disk")
                .row("stored", "", Units.bytes(stats.storedBytes()), share(stats))
                .print();
    }

    private static JsonArray documents(List<UpstreamState> upstreams) {
        JsonArray documents = new JsonArray();
        for (UpstreamState upstream : upstreams) {
            documents.add(new JsonObject()
                    .put("url", upstream.url())
                    .put("priority", upstream.priority())
                    .put("breaker", upstream.breaker())
                    .put("p95Millis", upstream.p95Millis() < 0 ? null : upstream.p95Millis())
                    .put("asked", upstream.asked())
                    .put("hits", upstream.hits())
                    .put("misses", upstream.misses())
                    .put("failures", upstream.failures())
                    .put("lies", upstream.lies())
                    .put("cancelled", upstream.cancelled())
                    .put("hedged", upstream.hedged())
                    .put("narFailures", upstream.narFailures())
                    .put("lastError", upstream.lastError()));
        }
        return documents;
    }

    private static String table(List<UpstreamState> upstreams) {
        Table table = new Table();
        for (UpstreamState upstream : upstreams) {
            String error = upstream.lastError();
            table.row(
                    "upstream " + upstream.url(),
                    "breaker " + upstream.breaker(),
                    Units.count(upstream.hits()) + " of " + Units.count(upstream.asked(), "narinfo"),
                    upstream.p95Millis() < 0 ? "" : "p95 " + upstream.p95Millis() + " ms",
                    error == null ? "" : "last error: " + error);
        }
        return table.print();
    }

    private static String share(StoreStats stats) {
        return "on disk, " + Units.ratio(stats.storedBytes(), stats.narBytes()) + " of the NARs";
    }
}
