package dev.narsil.gateway.cli;

import dev.narsil.gateway.ipfs.index.FollowedIndex;
import dev.narsil.gateway.ipfs.index.FollowedIndexes;
import dev.narsil.gateway.narinfo.PublicKey;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists the indexes that are followed. */
@Command(
        name = "list",
        description = "Lists the indexes that are followed, how many paths they have, and how old they are.")
final class IpfsIndexListCommand implements StoreCommand {

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public StoreUse use() {
        return StoreUse.REQUIRE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        FollowedIndexes subscriptions = new FollowedIndexes(invocation.store(), InstantSource.system());
        List<FollowedIndex> all = subscriptions.all();
        if (json) {
            JsonArray documents = new JsonArray();
            for (FollowedIndex each : all) {
                documents.add(document(each, subscriptions.paths(each)));
            }
            invocation.print(new JsonObject().put("subscriptions", documents));
            return ExitCode.OK;
        }
        Table table = new Table();
        for (FollowedIndex each : all) {
            table.row(
                    each.source().toString(),
                    Units.count(subscriptions.paths(each), "path"),
                    "sequence " + each.sequence(),
                    "of " + each.made(),
                    each.failure().isEmpty() ? "" : "not had the last time: " + each.failure());
        }
        invocation.print(table.print());
        return ExitCode.OK;
    }

    private static JsonObject document(FollowedIndex each, long paths) {
        return new JsonObject()
                .put("source", each.source().toString())
                .put(
                        "keys",
                        new JsonArray(
                                each.keys().stream().map(PublicKey::toString).toList()))
                .put("cid", each.root() == null ? null : each.root().toString())
                .put("sequence", each.sequence())
                .put("paths", paths)
                .put("made", text(each.made()))
                .put("asked", text(each.asked()))
                .put("failure", each.failure().isEmpty() ? null : each.failure());
    }

    private static @Nullable String text(Instant time) {
        return time.equals(Instant.EPOCH) ? null : time.toString();
    }
}
