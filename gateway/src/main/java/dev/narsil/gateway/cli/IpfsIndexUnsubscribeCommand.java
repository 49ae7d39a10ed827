package dev.narsil.gateway.cli;

import dev.narsil.gateway.ipfs.index.FollowedIndexes;
import dev.narsil.gateway.ipfs.index.IndexSource;
import java.io.IOException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Follows an index no longer. */
@Command(
        name = "unsubscribe",
        description = "Follows an index no longer, and forgets what it said. NARs that were fetched stay.")
final class IpfsIndexUnsubscribeCommand implements StoreCommand {

    @Parameters(
            paramLabel = "URL_OR_IPNS",
            converter = IndexSourceConverter.class,
            description = "As it was given to 'subscribe'.")
    private @Nullable IndexSource source;

    @Override
    public StoreUse use() {
        return StoreUse.REQUIRE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        IndexSource wanted = Arguments.required(source);
        if (new FollowedIndexes(invocation.store(), InstantSource.system()).unsubscribe(wanted)) {
            return ExitCode.OK;
        }
        invocation.tell("narsil: ipfs index unsubscribe: " + wanted + ": is not followed\n");
        return ExitCode.FAILED;
    }
}
