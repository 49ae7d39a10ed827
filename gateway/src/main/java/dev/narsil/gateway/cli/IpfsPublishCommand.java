package dev.narsil.gateway.cli;

import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.narinfo.TrustedKeys;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Publishes paths. */
@Command(
        name = "publish",
        description = {
            "Sends a Kubo daemon the blocks it lacks of store paths, and has it keep them.",
            "Only paths that a trusted key has signed are published: what is published is public for ever. "
                    + "Paths that the daemon keeps already are skipped, so an interrupted run goes on where it stopped."
        })
final class IpfsPublishCommand implements StoreCommand {

    /** While one is sent, others are worked out and their answers waited for; more were measured to bring nothing. */
    private static final int DEFAULT_JOBS = 3;

    @Mixin
    private PathSelection selection = new PathSelection();

    @Mixin
    private KuboOption daemon = new KuboOption();

    @Option(
            names = "--trusted-key",
            paramLabel = "NAME:KEY",
            arity = "1",
            converter = ImportSelection.KeyConverter.class,
            description = "Publish also what these public keys have signed, besides the one of cache.nixos.org.")
    private List<PublicKey> trustedKeys = new ArrayList<>();

    @Option(
            names = "--no-check-sigs",
            description = "Publish also paths that no trusted key has signed, which may be private.")
    private boolean noCheckSigs;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            converter = ImportSelection.JobsConverter.class,
            description = "Paths to work on at a time (default: ${DEFAULT-VALUE}).")
    private int jobs = DEFAULT_JOBS;

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
        PublishSummary summary = new PublishRun(invocation, daemon, trusted(), jobs).run(selection);
        summary.tellFailures(invocation);
        if (json) {
            invocation.print(summary.document());
        } else if (!invocation.quiet()) {
            invocation.print(summary.text());
        }
        return summary.exitCode();
    }

    /** Returns whose signatures make a path public; null for every path. */
    private @Nullable TrustedKeys trusted() {
        if (noCheckSigs) {
            return null;
        }
        List<PublicKey> keys = new ArrayList<>(trustedKeys);
        keys.add(PublicKey.CACHE_NIXOS_ORG);
        return new TrustedKeys(keys);
    }
}
