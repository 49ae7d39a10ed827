package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarReader;
import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.PathInfo;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Writes the NAR of one store path. */
@Command(
        name = "cat-nar",
        description = {
            "Writes the NAR of a store path to standard output.",
            "It is hashed on the way; a NAR that is not what was stored ends with exit code 1."
        },
        footer = {"", "Example: narsil cat-nar /nix/store/<digest>-hello-2.12 | nix-store --restore hello"})
final class CatNarCommand implements StoreCommand {

    @Parameters(
            paramLabel = "STORE_PATH",
            converter = StorePathArgument.Converter.class,
            description = "A full path, its base name or its 32-character digest.")
    private @Nullable StorePathArgument path;

    @Override
    public StoreUse use() {
        return StoreUse.REQUIRE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        if (invocation.terminal().output()) {
            throw new CommandException(
                    ExitCode.USAGE, "a NAR is binary and standard output is a terminal: redirect it, as in '> FILE'");
        }
        PathInfo info = Arguments.required(path).find(invocation.store());
        Optional<NarReader> reader = invocation.store().openNar(info.narHash());
        if (reader.isEmpty()) {
            throw new CommandException(ExitCode.FAILED, "the NAR of " + info.path() + " is missing from the store");
        }
        try (NarReader nar = reader.get()) {
            copy(nar, invocation);
        }
        return ExitCode.OK;
    }

    private static void copy(NarReader nar, Invocation invocation) throws IOException {
        OutputStream out = invocation.streams().out();
        for (NarSlice slice = nar.next(); slice != null; slice = nar.next()) {
            invocation.cancellation().check();
            out.write(slice.array(), slice.offset(), slice.length());
        }
        out.flush();
    }
}
