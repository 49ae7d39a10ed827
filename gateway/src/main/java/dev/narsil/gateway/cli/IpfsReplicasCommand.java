package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.ipfs.PublishedPaths;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.replicas.Donors;
import dev.narsil.gateway.replicas.Replica;
import dev.narsil.gateway.replicas.ReplicaRound;
import dev.narsil.gateway.replicas.RoundSummary;
import dev.narsil.gateway.replicas.Wish;
import dev.narsil.gateway.replicas.Wishes;
import dev.narsil.rewrite.path.Digest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says how many copies of published paths are wanted, and looks after them. */
@Command(
        name = "replicas",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            IpfsReplicasCommand.SetWish.class,
            IpfsReplicasCommand.Status.class,
            IpfsReplicasCommand.Run.class
        },
        description = {
            "Has others keep copies of published paths: the pinning services and clusters of the configuration.",
            "The own daemon counts as one copy. 'narsil serve --ipfs-api' looks after them every six hours."
        },
        footer = {
            "",
            "Examples:",
            "  narsil ipfs replicas set 3 --closure-of /nix/store/<digest>-hello-2.12",
            "  narsil ipfs replicas run",
            "  narsil ipfs replicas status",
        })
final class IpfsReplicasCommand {

    /** Says how many copies are wanted. */
    @Command(
            name = "set",
            description = {
                "Says how many copies of store paths are wanted; 0 lets go those there are. The next round sees to it.",
                "Copies are made of published paths only: see 'narsil ipfs publish'."
            })
    static final class SetWish implements StoreCommand {

        @Parameters(index = "0", paramLabel = "N", description = "Copies, the own daemon's among them: 0 to 100.")
        private int wanted;

        @Parameters(
                index = "1..*",
                paramLabel = "STORE_PATH",
                converter = StorePathArgument.Converter.class,
                description = "Full paths, base names or 32-character digests.")
        private List<StorePathArgument> paths = new ArrayList<>();

        @Option(
                names = "--closure-of",
                paramLabel = "STORE_PATH",
                arity = "1..*",
                converter = StorePathArgument.Converter.class,
                description = "These store paths and all they refer to now.")
        private List<StorePathArgument> closureOf = new ArrayList<>();

        @Option(names = "--all", description = "All paths that are published now.")
        private boolean all;

        @Option(names = "--json", description = "Print one JSON object.")
        private boolean json;

        @Override
        public void check() throws CommandException {
            new PathSelection(paths, closureOf, all).require();
            if (wanted < 0 || wanted > Wish.MAX_WANTED) {
                throw new CommandException(ExitCode.USAGE, "from 0 to " + Wish.MAX_WANTED + " copies can be wanted");
            }
        }

        @Override
        public StoreUse use() {
            return StoreUse.REQUIRE;
        }

        @Override
        public int run(Invocation invocation) throws IOException {
            NarStore store = invocation.store();
            Set<Digest> published = new PublishedPaths(store).all().keySet();
            Set<Digest> digests = all ? published : new PathSelection(paths, closureOf, false).named(store);
            new Wishes(store).set(digests, wanted);
            long unpublished = digests.stream()
                    .filter(digest -> !published.contains(digest))
                    .count();
            if (json) {
                invocation.print(new JsonObject()
                        .put("paths", digests.size())
                        .put("wanted", wanted)
                        .put("unpublished", unpublished));
            } else if (!invocation.quiet()) {
                invocation.print(Units.count(digests.size(), "path") + ", "
                        + (wanted == 1 ? "1 copy" : wanted + " copies") + " of each wanted\n");
            }
            if (unpublished > 0 && wanted > 0) {
                invocation.tell("narsil: ipfs replicas: " + Units.count(unpublished, "path")
                        + " of them not published, so that nobody can be asked: see 'narsil ipfs publish'\n");
            }
            return ExitCode.OK;
        }
    }

    /** Shows what is known of copies. */
    @Command(
            name = "status",
            description = {
                "Shows what the last round found: copies wanted, seen, claimed by donors and missing.",
                "The exit code is 1 if some are missing."
            })
    static final class Status implements StoreCommand {

        @Option(names = "--json", description = "Print one JSON object with all copies.")
        private boolean json;

        @Override
        public StoreUse use() {
            return StoreUse.REQUIRE;
        }

        @Override
        public int run(Invocation invocation) throws IOException {
            Map<Digest, Wish> wishes = new Wishes(invocation.store()).all();
            long missing = wishes.values().stream().mapToLong(Wish::missing).sum();
            if (json) {
                JsonArray array = new JsonArray();
                for (Map.Entry<Digest, Wish> entry : wishes.entrySet()) {
                    array.add(document(name(invocation.store(), entry.getKey()), entry.getValue()));
                }
                invocation.print(new JsonObject()
                        .put("paths", array)
                        .put("donors", new JsonArray(donors(invocation)))
                        .put("missing", missing));
            } else {
                Table table = new Table().row("WANTED", "VERIFIED", "CLAIMED", "MISSING", "LAST VERIFIED", "PATH");
                for (Map.Entry<Digest, Wish> entry : wishes.entrySet()) {
                    Wish wish = entry.getValue();
                    table.row(
                            Integer.toString(wish.wanted()),
                            Integer.toString(wish.verified()),
                            Integer.toString(wish.claimed()),
                            Integer.toString(wish.missing()),
                            lastVerified(wish),
                            name(invocation.store(), entry.getKey()) + told(wish));
                }
                invocation.print(table.print());
            }
            return missing == 0 ? ExitCode.OK : ExitCode.FAILED;
        }

        private static List<String> donors(Invocation invocation) {
            return invocation.donors().stream().map(donor -> donor.name()).toList();
        }

        private static String lastVerified(Wish wish) {
            return wish.replicas().stream()
                    .map(Replica::verified)
                    .flatMap(time -> Optional.ofNullable(time).stream())
                    .max(Instant::compareTo)
                    .map(Instant::toString)
                    .orElse("never");
        }

        /** What donors say of copies that do not count. */
        private static String told(Wish wish) {
            String text = wish.replicas().stream()
                    .filter(replica -> replica.state() == Replica.State.LOST
                            || replica.state() == Replica.State.FAILED
                            || replica.state() == Replica.State.ASKED)
                    .map(replica -> replica.donor() + " " + replica.state()
                            + (replica.details().isEmpty() ? "" : ": " + replica.details()))
                    .collect(Collectors.joining("; "));
            return text.isEmpty() ? "" : "  (" + text + ")";
        }

        private static String name(NarStore store, Digest digest) throws IOException {
            Optional<PathInfo> info = store.path(digest);
            return info.isPresent() ? info.get().path().toString() : digest.toString();
        }

        private static JsonObject document(String path, Wish wish) {
            JsonArray replicas = new JsonArray();
            for (Replica replica : wish.replicas()) {
                replicas.add(new JsonObject()
                        .put("donor", replica.donor())
                        .put("requestId", replica.requestId())
                        .put("state", replica.state().toString())
                        .put("asked", replica.asked().toString())
                        .put("copies", replica.held())
                        .put("lastVerified", text(replica.verified()))
                        .put("details", replica.details()));
            }
            return new JsonObject()
                    .put("path", path)
                    .put("manifestCid", text(wish.manifest()))
                    .put("wanted", wish.wanted())
                    .put("ownDaemon", wish.own())
                    .put("verified", wish.verified())
                    .put("claimed", wish.claimed())
                    .put("missing", wish.missing())
                    .put("checked", text(wish.checked()))
                    .put("replicas", replicas);
        }

        private static @Nullable String text(@Nullable Object value) {
            return value == null ? null : value.toString();
        }
    }

    /** Runs a round. */
    @Command(
            name = "run",
            description = {
                "Looks at all copies that are wanted, takes samples of them, and asks for those that are missing.",
                "What a donor was asked for takes its time to come: 'narsil ipfs replicas status' tells of it later."
            })
    static final class Run implements StoreCommand {

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
            RoundSummary summary;
            try (KuboClient kubo = daemon.open(invocation);
                    Donors donors = Donors.open(invocation.donors())) {
                invocation
                        .cancellation()
                        .onCancel(() -> Thread.ofPlatform()
                                .daemon()
                                .name("replicas-cancel")
                                .start(donors::close));
                summary = ReplicaRound.run(
                        invocation.store(),
                        kubo,
                        donors,
                        Duration.ZERO,
                        Instant.now(),
                        invocation.cancellation()::check);
            } catch (IllegalArgumentException e) {
                throw new CommandException(ExitCode.FAILED, String.valueOf(e.getMessage()));
            } catch (IOException e) {
                invocation.cancellation().check();
                throw e;
            }
            for (Map.Entry<String, String> failure : summary.failures().entrySet()) {
                invocation.tell("narsil: ipfs replicas: " + failure.getValue() + "\n");
            }
            if (json) {
                invocation.print(document(summary));
            } else if (!invocation.quiet()) {
                invocation.print(text(summary));
            }
            return ExitCode.OK;
        }

        private static JsonObject document(RoundSummary summary) {
            JsonObject failures = new JsonObject();
            summary.failures().forEach(failures::put);
            return new JsonObject()
                    .put("paths", summary.paths())
                    .put("unpublished", summary.unpublished())
                    .put("wanted", summary.wanted())
                    .put("verified", summary.verified())
                    .put("claimed", summary.claimed())
                    .put("missing", summary.missing())
                    .put("asked", summary.asked())
                    .put("lost", summary.lost())
                    .put("failures", failures);
        }

        private static String text(RoundSummary summary) {
            return "wanted    " + summary.wanted() + " of " + Units.count(summary.paths(), "path") + "\n"
                    + "verified  " + summary.verified() + "\n"
                    + "claimed   " + summary.claimed() + "\n"
                    + "missing   " + summary.missing()
                    + (summary.unpublished() == 0
                            ? ""
                            : "; " + Units.count(summary.unpublished(), "path") + " not published")
                    + "\n"
                    + "asked     " + summary.asked() + "\n";
        }
    }
}
