package dev.narsil.gateway.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Publishes paths of a store on a Kubo daemon. */
@Command(
        name = "ipfs",
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Publishes store paths in IPFS, on a Kubo daemon, and takes them back.",
            "A NAR is a file there, of which rebuilds share all blocks but a few, and whose root any node can read."
        },
        footer = {
            "",
            "Examples:",
            "  narsil ipfs publish --closure-of /nix/store/<digest>-hello-2.12",
            "  narsil ipfs status",
        })
final class IpfsCommand {

    private IpfsCommand() {}

    /** Returns the command with its subcommands, which {@code host} runs. */
    static CommandLine line(CommandHost host) {
        return new CommandLine(new IpfsCommand())
                .addSubcommand(new IpfsPublishCommand(host))
                .addSubcommand(new IpfsUnpublishCommand(host))
                .addSubcommand(new IpfsStatusCommand(host))
                .addSubcommand(IpfsIndexCommand.line(host))
                .addSubcommand(IpfsReplicasCommand.line(host));
    }
}
