package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.ipfs.IpfsPublisher;
import dev.narsil.gateway.ipfs.PublishedPaths;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.pinning.RequestedPins;
import dev.narsil.rewrite.path.Digest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Takes published paths back. */
@Command(
        name = "unpublish",
        description = {
            "Has the Kubo daemon keep store paths no longer. Its next 'ipfs repo gc' frees their space.",
            "Other nodes that have them go on having them."
        })
final class IpfsUnpublishCommand implements StoreCommand {

    @Mixin
    private PathSelection selection = new PathSelection();

    @Mixin
    private KuboOption daemon = new KuboOption();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public void check() throws CommandException {
        selection.require();
    }

    @Override
    public StoreUse use() {
        return StoreUse.REQUIRE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        Set<Digest> digests = digests(invocation.store());
        long unpublished = 0;
        List<Digest> unknown = new ArrayList<>();
        try (KuboClient kubo = daemon.open(invocation)) {
            var _ = kubo.version();
            IpfsPublisher publisher = new IpfsPublisher(
                    invocation.store(),
                    kubo,
                    new RequestedPins(invocation.store()),
                    new TrustedKeys(List.of()),
                    _ -> {});
            for (Digest digest : digests) {
                invocation.cancellation().check();
                if (publisher.unpublish(digest)) {
                    unpublished++;
                } else {
                    unknown.add(digest);
                }
            }
        } catch (IOException e) {
            invocation.cancellation().check();
            throw e;
        }
        for (Digest digest : unknown) {
            invocation.tell("narsil: ipfs unpublish: " + digest + ": is not published\n");
        }
        if (json) {
            JsonArray names = new JsonArray();
            unknown.forEach(digest -> names.add(digest.toString()));
            invocation.print(new JsonObject().put("unpublished", unpublished).put("notPublished", names));
        } else if (!invocation.quiet()) {
            invocation.print("unpublished " + Units.count(unpublished, "path") + "\n");
        }
        return unknown.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    private Set<Digest> digests(NarStore store) throws IOException {
        if (selection.all()) {
            return new PublishedPaths(store).all().keySet();
        }
        Set<Digest> digests = new LinkedHashSet<>();
        for (StorePathArgument path : selection.paths()) {
            digests.add(path.digest());
        }
        digests.addAll(selection.closure(store));
        return digests;
    }
}
