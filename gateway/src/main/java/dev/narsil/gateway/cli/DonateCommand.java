package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.donate.Donation;
import dev.narsil.gateway.donate.DonationCheck;
import dev.narsil.gateway.donate.DonationSchedule;
import dev.narsil.gateway.donate.DonationState.Result;
import dev.narsil.gateway.donate.DonationTerms;
import dev.narsil.gateway.donate.Donations;
import dev.narsil.gateway.donate.PeersAdvice;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.sharing.PathSupply;
import dev.narsil.gateway.sharing.StopSignal;
import dev.narsil.rewrite.path.StorePath;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes, lists, removes and checks the donations of a store. */
@Command(
        name = "donate",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DonateCommand.Add.class,
            DonateCommand.ListAll.class,
            DonateCommand.Remove.class,
            DonateCommand.Run.class
        },
        description = {
            "Publishes closures in IPFS and sees to that they stay there: 'narsil serve --ipfs-api URL' does so by itself.",
            "Only paths that one of --ipfs-public-keys has signed are ever published."
        },
        footer = {
            "",
            "Examples:",
            "  narsil donate add hello /nix/store/<digest>-hello-2.12 --max-size 10GB",
            "  narsil donate list"
        })
final class DonateCommand {

    /** Adds a donation. */
    @Command(
            name = "add",
            description = {
                "Donates the closures of store paths. What the store lacks of them, 'narsil serve' brings.",
                "A closure with a path that is not public, or with more bytes than it may have, is refused as a whole."
            })
    static final class Add implements StoreCommand {

        @Parameters(index = "0", paramLabel = "NAME", description = "1 to 64 characters of A-Z a-z 0-9 . _ -")
        private String name = "";

        @Parameters(
                index = "1..*",
                arity = "1..*",
                paramLabel = "STORE_PATH",
                converter = StorePathArgument.Converter.class,
                description = "Full paths, base names, or digests of paths that are stored.")
        private List<StorePathArgument> paths = new ArrayList<>();

        @Option(
                names = "--max-size",
                paramLabel = "SIZE",
                converter = SizeConverter.class,
                defaultValue = "10GB",
                description = "Most bytes of NAR of the closures (default: 10GB).")
        private long maxSize;

        @Option(
                names = "--upload-rate",
                paramLabel = "SIZE",
                converter = SizeConverter.class,
                defaultValue = "0",
                description = "Most bytes a second that are sent to the daemon, such as 2MB (default: as fast as it "
                        + "takes them). What it sends to others is not for us to bound.")
        private long uploadRate;

        @Option(
                names = "--max-peers",
                paramLabel = "N",
                defaultValue = "0",
                description = "Most peers the daemon shall have; 'donate run' says how if it may have more.")
        private int maxPeers;

        @Option(names = "--skip-private", description = "Leave out paths that are not public, instead of refusing.")
        private boolean skipPrivate;

        @Option(names = "--replace", description = "Take the place of a donation of the same name.")
        private boolean replace;

        @Override
        public StoreUse use() {
            return StoreUse.CREATE;
        }

        @Override
        public int run(Invocation invocation) throws IOException {
            List<StorePath> roots = new ArrayList<>();
            for (StorePathArgument path : paths) {
                NarStore store = invocation.store();
                roots.add(path.path() == null ? path.find(store).path() : path.required(store));
            }
            try {
                DonationTerms terms = new DonationTerms(name, roots, maxSize, skipPrivate, uploadRate, maxPeers);
                Optional<String> refusal =
                        DonationCheck.refusal(terms, invocation.store(), invocation.donationPolicy());
                if (refusal.isPresent()) {
                    throw new CommandException(ExitCode.FAILED, "not donated: " + refusal.get());
                }
                var _ = invocation.donations().add(terms, Instant.now(), replace);
            } catch (IllegalArgumentException e) {
                throw new CommandException(ExitCode.FAILED, String.valueOf(e.getMessage()));
            }
            invocation.donationSchedule().ifPresent(DonationSchedule::wake);
            if (!invocation.quiet()) {
                invocation.tell("donated '" + name + "'"
                        + (invocation.donationSchedule().isPresent()
                                ? ""
                                : "; to be published by 'narsil serve --ipfs-api URL' or 'narsil donate run'")
                        + "\n");
            }
            return ExitCode.OK;
        }
    }

    /** Lists the donations. */
    @Command(name = "list", description = "Lists the donations, and how they did when they were last checked.")
    static final class ListAll implements StoreCommand {

        @Option(names = "--json", description = "Print one JSON object.")
        private boolean json;

        @Override
        public StoreUse use() {
            return StoreUse.REQUIRE;
        }

        @Override
        public int run(Invocation invocation) throws IOException {
            print(invocation, invocation.donations().list(), json);
            return ExitCode.OK;
        }
    }

    private static void print(Invocation invocation, List<Donation> donations, boolean json) throws IOException {
        if (json) {
            JsonArray all = new JsonArray();
            donations.forEach(each -> all.add(DonationTexts.document(each)));
            invocation.print(new JsonObject().put("donations", all));
        } else {
            invocation.print(DonationTexts.table(donations));
        }
    }

    /** Removes a donation. */
    @Command(
            name = "remove",
            description = {
                "Ends a donation. The next check has the daemon keep no longer what no other donation has, and nobody",
                "published with 'narsil ipfs publish'. Nodes that have fetched it still have it."
            })
    static final class Remove implements StoreCommand {

        @Parameters(paramLabel = "NAME", description = "As 'narsil donate list' shows it.")
        private String name = "";

        @Override
        public StoreUse use() {
            return StoreUse.REQUIRE;
        }

        @Override
        public int run(Invocation invocation) throws IOException {
            if (invocation.donations().remove(name).isEmpty()) {
                throw new CommandException(ExitCode.FAILED, "there is no donation '" + name + "'");
            }
            invocation.donationSchedule().ifPresent(DonationSchedule::wake);
            if (!invocation.quiet()) {
                invocation.tell("removed '" + name + "'"
                        + (invocation.donationSchedule().isPresent()
                                ? ""
                                : "; 'narsil donate run' takes it back from the daemon")
                        + "\n");
            }
            return ExitCode.OK;
        }
    }

    /** Checks all donations. */
    @Command(
            name = "run",
            description = {
                "Checks all donations now, publishes what the daemon does not keep, and takes back what is not donated",
                "any more. Where 'narsil serve --ipfs-api' runs, that one does so, on its daemon; else this, with what is",
                "stored."
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
            Donations donations = invocation.donations();
            Optional<DonationSchedule> schedule = invocation.donationSchedule();
            if (schedule.isPresent()) {
                invocation.await(schedule.get().checkNow(), "the server stops");
                tell(invocation, schedule.get().peersAdvice());
            } else {
                check(invocation, donations);
            }
            List<Donation> all = donations.list();
            print(invocation, all, json);
            return all.stream().allMatch(each -> each.state().result() == Result.KEPT) ? ExitCode.OK : ExitCode.FAILED;
        }

        private void check(Invocation invocation, Donations donations) throws IOException {
            StopSignal stop = new StopSignal();
            invocation.cancellation().onCancel(stop::stop);
            PathSupply supply = invocation.sharing().map(ServedSharing::supply).orElse(PathSupply.NONE);
            try (KuboClient kubo = daemon.open(invocation)) {
                var _ = kubo.version();
                PublishRun.warnOfAnnouncements(invocation, kubo);
                new DonationCheck(
                                donations,
                                invocation.store(),
                                supply,
                                kubo,
                                invocation.donationPolicy(),
                                InstantSource.system(),
                                stop)
                        .run();
                tell(invocation, PeersAdvice.of(kubo, donations.list()));
            } catch (InterruptedException e) {
                invocation.cancellation().check();
                Thread.currentThread().interrupt();
                throw new CommandException(ExitCode.TEMPORARY, "interrupted");
            } catch (IOException e) {
                invocation.cancellation().check();
                throw e;
            }
        }

        private static void tell(Invocation invocation, Optional<String> advice) throws IOException {
            if (advice.isPresent()) {
                invocation.tell("narsil: donate: " + advice.get() + "\n");
            }
        }
    }
}
