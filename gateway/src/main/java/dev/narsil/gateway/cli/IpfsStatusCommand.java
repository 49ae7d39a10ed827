package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.ipfs.PublishedPath;
import dev.narsil.gateway.ipfs.PublishedPaths;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.kubo.KuboIdentity;
import dev.narsil.gateway.kubo.KuboRepository;
import dev.narsil.rewrite.path.Digest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what is published, and whether the daemon keeps it. */
@Command(
        name = "status",
        description = "Shows what is published in IPFS, whether the daemon keeps it, and what it announces.")
final class IpfsStatusCommand implements StoreCommand {

    /** Time in which the daemon has to list its pins. */
    private static final Duration PINS_TIME = Duration.ofMinutes(5);

    /** Paths told that are pinned no longer. */
    private static final int MAX_TOLD = 20;

    @Mixin
    private KuboOption daemon = new KuboOption();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public StoreUse use() {
        return StoreUse.REQUIRE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        NarStore store = invocation.store();
        Map<Digest, PublishedPath> published = new PublishedPaths(store).all();
        long narBytes = 0;
        for (Digest digest : published.keySet()) {
            narBytes += store.path(digest).map(PathInfo::narSize).orElse(0L);
        }
        Daemon state;
        try (KuboClient kubo = daemon.open(invocation)) {
            state = ask(kubo, published);
        } catch (IOException e) {
            invocation.cancellation().check();
            throw e;
        }
        if (json) {
            invocation.print(document(published.size(), narBytes, state));
        } else {
            invocation.print(text(published.size(), narBytes, state));
        }
        for (String path :
                names(store, state.lost().subList(0, Math.min(state.lost().size(), MAX_TOLD)))) {
            invocation.tell("narsil: ipfs status: " + path + ": published, but not pinned by this daemon\n");
        }
        return state.lost().isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    /** What the daemon says; {@code lost} is what was published and is not pinned. */
    private record Daemon(
            String version,
            KuboIdentity identity,
            KuboRepository repository,
            Optional<Boolean> announcesBlocks,
            List<Digest> lost) {}

    private static Daemon ask(KuboClient kubo, Map<Digest, PublishedPath> published) throws IOException {
        String version = kubo.version();
        Set<String> wanted = new HashSet<>();
        published.values().forEach(path -> wanted.add(path.manifest().toString()));
        kubo.pins(PINS_TIME, pin -> wanted.remove(pin.cid()));
        List<Digest> lost = new ArrayList<>();
        published.forEach((digest, path) -> {
            if (wanted.contains(path.manifest().toString())) {
                lost.add(digest);
            }
        });
        return new Daemon(version, kubo.identity(), kubo.repository(), PublishRun.announcesBlocks(kubo), lost);
    }

    private static List<String> names(NarStore store, List<Digest> digests) throws IOException {
        List<String> names = new ArrayList<>();
        for (Digest digest : digests) {
            Optional<PathInfo> info = store.path(digest);
            names.add(info.isPresent() ? info.get().path().toString() : digest.toString());
        }
        return names;
    }

    private JsonObject document(int published, long narBytes, Daemon state) {
        JsonArray lost = new JsonArray();
        state.lost().forEach(digest -> lost.add(digest.toString()));
        return new JsonObject()
                .put("published", published)
                .put("narBytes", narBytes)
                .put("notPinned", lost)
                .put("api", daemon.address().toString())
                .put("version", state.version())
                .put("peer", state.identity().peerId())
                .put("repositoryBytes", state.repository().bytes())
                .put("announcesBlocks", state.announcesBlocks().orElse(null));
    }

    private String text(int published, long narBytes, Daemon state) {
        return "published   " + Units.count(published, "path") + ", " + Units.bytes(narBytes) + " of NAR\n"
                + "not pinned  " + Units.count(state.lost().size(), "path")
                + (state.lost().isEmpty() ? "" : "; 'narsil ipfs publish' sends them again") + "\n"
                + "daemon      Kubo " + state.version() + " at " + daemon.address() + ", peer "
                + state.identity().peerId() + "\n"
                + "repository  " + Units.bytes(state.repository().bytes()) + "\n"
                + "announces   "
                + state.announcesBlocks()
                        .map(every ->
                                every ? "every block: set Provide.Strategy to pinned+entities" : "no single blocks")
                        .orElse("not known: it does not show its configuration")
                + "\n";
    }
}
