package dev.narsil.gateway.cli;

import dev.narsil.gateway.subscribe.DailyWindow;
import dev.narsil.gateway.subscribe.Subscription;
import dev.narsil.gateway.subscribe.SubscriptionSource;
import dev.narsil.gateway.subscribe.SubscriptionState.Result;
import dev.narsil.gateway.subscribe.SubscriptionTerms;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Makes, lists, removes and runs the subscriptions of a store. */
@Command(
        name = "subscribe",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            SubscribeCommand.Add.class,
            SubscribeCommand.ListAll.class,
            SubscribeCommand.Remove.class,
            SubscribeCommand.Run.class
        },
        description = {
            "Has 'narsil serve' bring closures into the store by itself, again and again, from its upstreams.",
            "What is changed is in force at once, also in a running 'narsil serve'."
        },
        footer = {
            "",
            "Examples:",
            "  narsil subscribe add channel https://channels.nixos.org/nixos-26.05/store-paths.xz \\",
            "      --every 1d --between 01:00-06:00 --max-size 200GB",
            "  narsil subscribe list"
        })
final class SubscribeCommand {

    /** Adds a subscription. */
    @Command(
            name = "add",
            description = {
                "Subscribes to the closure of a store path, or of each path in a list.",
                "A list is a text with a store path in each line, compressed or not, at a URL or under a name of IPNS."
            })
    static final class Add implements StoreCommand {

        @Parameters(index = "0", paramLabel = "NAME", description = "1 to 64 characters of A-Z a-z 0-9 . _ -")
        private String name = "";

        @Parameters(
                index = "1",
                paramLabel = "STORE_PATH|LIST_URL|ipns://NAME",
                description = "What to subscribe to: /nix/store/..., https://... or ipns://...")
        private String source = "";

        @Option(
                names = "--every",
                required = true,
                paramLabel = "TIME",
                converter = TokenCommand.TimeSpanConverter.class,
                description = "Time between two runs, such as 6h.")
        private Duration every = Duration.ZERO;

        @Option(
                names = "--between",
                paramLabel = "FROM-UNTIL",
                converter = WindowConverter.class,
                description = "When it may run, in local time, such as 01:00-06:00 (default: at any time).")
        private @Nullable DailyWindow between;

        @Option(
                names = "--max-size",
                paramLabel = "SIZE",
                converter = SizeConverter.class,
                defaultValue = "50GB",
                description = "Most bytes of NAR; if the closures have more, nothing is brought (default: 50GB).")
        private long maxSize;

        @Option(names = "--replace", description = "Take the place of a subscription of the same name.")
        private boolean replace;

        @Override
        public StoreUse use() {
            return StoreUse.CREATE;
        }

        @Override
        public int run(Invocation invocation) throws IOException {
            Subscription added;
            try {
                SubscriptionSource of =
                        SubscriptionSource.parse(invocation.store().storeDir(), source);
                added = invocation
                        .subscriptions()
                        .add(new SubscriptionTerms(name, of, every, between, maxSize), Instant.now(), replace);
            } catch (IllegalArgumentException e) {
                throw new CommandException(ExitCode.FAILED, String.valueOf(e.getMessage()));
            }
            invocation
                    .sharing()
                    .ifPresent(sharing -> sharing.subscriptionSchedule().wake());
            if (!invocation.quiet()) {
                String served = invocation.sharing().isPresent()
                        ? ""
                        : "; no 'narsil serve' runs on this store now, which does what there is to do";
                invocation.tell("subscribed to " + added.terms().source().told() + served + "\n");
            }
            return ExitCode.OK;
        }
    }

    /** Lists the subscriptions. */
    @Command(name = "list", description = "Lists the subscriptions, how they did last and when they run next.")
    static final class ListAll implements StoreCommand {

        @Option(names = "--json", description = "Print one JSON object.")
        private boolean json;

        @Override
        public StoreUse use() {
            return StoreUse.REQUIRE;
        }

        @Override
        public int run(Invocation invocation) throws IOException {
            SubscriptionTexts texts = SubscriptionTexts.of(invocation);
            if (json) {
                JsonArray all = new JsonArray();
                invocation.subscriptions().list().forEach(each -> all.add(texts.document(each)));
                invocation.print(new JsonObject().put("subscriptions", all));
            } else {
                invocation.print(texts.table(invocation.subscriptions().list()));
            }
            return ExitCode.OK;
        }
    }

    /** Removes a subscription. */
    @Command(name = "remove", description = "Ends a subscription. What it brought stays in the store.")
    static final class Remove implements StoreCommand {

        @Parameters(paramLabel = "NAME", description = "As 'narsil subscribe list' shows it.")
        private String name = "";

        @Override
        public StoreUse use() {
            return StoreUse.REQUIRE;
        }

        @Override
        public int run(Invocation invocation) throws IOException {
            if (invocation.subscriptions().remove(name).isEmpty()) {
                throw new CommandException(ExitCode.FAILED, "there is no subscription '" + name + "'");
            }
            if (!invocation.quiet()) {
                invocation.tell("removed '" + name + "'\n");
            }
            return ExitCode.OK;
        }
    }

    /** Runs a subscription now. */
    @Command(
            name = "run",
            description = {
                "Runs a subscription now, whatever its times are, in the running 'narsil serve', and waits for the end.",
                "Interrupting this command does not end the run."
            })
    static final class Run implements StoreCommand {

        @Parameters(paramLabel = "NAME", description = "As 'narsil subscribe list' shows it.")
        private String name = "";

        @Option(names = "--json", description = "Print one JSON object.")
        private boolean json;

        @Override
        public StoreUse use() {
            return StoreUse.REQUIRE;
        }

        @Override
        public int run(Invocation invocation) throws IOException {
            Optional<ServedSharing> sharing = invocation.sharing();
            if (sharing.isEmpty()) {
                throw new CommandException(
                        ExitCode.FAILED, "subscriptions are run by 'narsil serve', which does not run on this store");
            }
            Subscription ran = await(invocation, sharing.get());
            if (json) {
                invocation.print(SubscriptionTexts.of(invocation).document(ran));
            } else {
                invocation.print(SubscriptionTexts.outcome(ran));
            }
            return ran.state().result() == Result.COMPLETE ? ExitCode.OK : ExitCode.FAILED;
        }

        private Subscription await(Invocation invocation, ServedSharing sharing) throws IOException {
            CompletableFuture<Subscription> result;
            try {
                result = sharing.subscriptionSchedule().runNow(name);
            } catch (IllegalArgumentException e) {
                throw new CommandException(ExitCode.FAILED, String.valueOf(e.getMessage()));
            }
            return invocation.await(result, "the run did not end: it was removed, or the server stops");
        }
    }

    /** Lets picocli read a time of the day. */
    static final class WindowConverter implements ITypeConverter<DailyWindow> {
        @Override
        public DailyWindow convert(String text) {
            try {
                return DailyWindow.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
