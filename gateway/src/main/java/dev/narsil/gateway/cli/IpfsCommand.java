package dev.narsil.gateway.cli;

import picocli.CommandLine.Command;

/** Publishes paths of a store on a Kubo daemon. */
@Command(
        name = "ipfs",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            IpfsPublishCommand.class,
            IpfsUnpublishCommand.class,
            IpfsStatusCommand.class,
            IpfsIndexCommand.class,
            IpfsReplicasCommand.class
        },
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
final class IpfsCommand {}
