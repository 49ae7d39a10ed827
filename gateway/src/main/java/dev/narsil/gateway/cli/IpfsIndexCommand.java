package dev.narsil.gateway.cli;

import picocli.CommandLine.Command;

/** Tells others, and learns from them, under which CIDs store paths are in IPFS. */
@Command(
        name = "index",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            IpfsIndexPublishCommand.class,
            IpfsIndexSubscribeCommand.class,
            IpfsIndexUnsubscribeCommand.class,
            IpfsIndexListCommand.class
        },
        description = {
            "Publishes an index of the paths that are published in IPFS, and follows those of others.",
            "With 'narsil serve --ipfs-api', paths that an index knows can be had while no upstream answers."
        },
        footer = {
            "",
            "Examples:",
            "  narsil ipfs index publish --sign-key-file /etc/narsil/key.secret",
            "  narsil ipfs index subscribe https://cache.example --trusted-key cache.example-1:BASE64",
        })
final class IpfsIndexCommand {}
