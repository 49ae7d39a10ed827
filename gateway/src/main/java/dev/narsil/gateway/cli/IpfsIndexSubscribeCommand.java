package dev.narsil.gateway.cli;

import dev.narsil.gateway.ipfs.index.FollowedIndex;
import dev.narsil.gateway.ipfs.index.FollowedIndexes;
import dev.narsil.gateway.ipfs.index.IndexSource;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.narinfo.PublicKey;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Follows an index. */
@Command(
        name = "subscribe",
        description = {
            "Follows the index of another cache: fetches it now, and what has changed of it every hour while 'narsil serve'"
                    + " runs.",
            "One that is followed already is fetched now, and gets these keys."
        })
final class IpfsIndexSubscribeCommand implements StoreCommand {

    @Parameters(
            paramLabel = "URL_OR_IPNS",
            converter = IndexSourceConverter.class,
            description = "The URL of the cache, or an IPNS name (/ipns/k51...), or a domain with a DNSLink.")
    private @Nullable IndexSource source;

    @Option(
            names = "--trusted-key",
            paramLabel = "NAME:KEY",
            arity = "1",
            required = true,
            converter = ImportSelection.KeyConverter.class,
            description = "A public key that signs this index; its signatures of paths count, too. May be repeated.")
    private List<PublicKey> trustedKeys = new ArrayList<>();

    @Mixin
    private KuboOption daemon = new KuboOption();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public StoreUse use() {
        return StoreUse.CREATE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        FollowedIndexes subscriptions = new FollowedIndexes(invocation.store(), InstantSource.system());
        FollowedIndexes.Refreshed refreshed;
        try (KuboClient kubo = daemon.open(invocation)) {
            refreshed = subscriptions.subscribe(Arguments.required(source), trustedKeys, kubo);
        } catch (IOException e) {
            invocation.cancellation().check();
            throw e;
        }
        Serving serving = invocation.serving();
        if (serving != null) {
            serving.upstreams().forgetAbsent();
        }
        FollowedIndex subscription = refreshed.subscription();
        long paths = subscriptions.paths(subscription);
        if (json) {
            invocation.print(new JsonObject()
                    .put("source", subscription.source().toString())
                    .put("cid", String.valueOf(subscription.root()))
                    .put("sequence", subscription.sequence())
                    .put("paths", paths)
                    .put("shardsFetched", refreshed.shards()));
        } else if (!invocation.quiet()) {
            invocation.print("following " + subscription.source() + ": " + Units.count(paths, "path") + ", sequence "
                    + subscription.sequence() + "\n");
        }
        return ExitCode.OK;
    }
}
