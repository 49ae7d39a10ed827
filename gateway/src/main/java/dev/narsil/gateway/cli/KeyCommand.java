package dev.narsil.gateway.cli;

import dev.narsil.gateway.control.CommandStreams;
import dev.narsil.gateway.narinfo.SecretKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes keys that sign paths, in the form Nix uses. Secret keys are read from files and standard input only. */
@Command(
        name = "key",
        synopsisSubcommandLabel = "COMMAND",
        description = "Makes the keys that sign store paths, as Nix reads them.",
        footer = {
            "",
            "Examples:",
            "  narsil key generate cache.example.org-1 --out /etc/narsil/secret-key",
            "  narsil key public /etc/narsil/secret-key"
        })
final class KeyCommand {

    /** Longest file that can be a secret key, in bytes; its name makes most of that. */
    private static final int MAX_KEY_BYTES = 4096;

    private final Environment environment;
    private final CommandStreams streams;

    @Spec
    private @Nullable CommandSpec spec;

    KeyCommand(Environment environment, CommandStreams streams) {
        this.environment = environment;
        this.streams = streams;
    }

    @Command(
            name = "generate",
            description = {
                "Makes a secret key: on standard output, or in a new file that its owner alone can read.",
                "The public key, which clients put into trusted-public-keys, is told on standard error."
            })
    int generate(
            @Parameters(
                            paramLabel = "NAME",
                            description = "Name of the key, by custom the host's and a number: cache.example.org-1.")
                    String name,
            @Option(
                            names = "--out",
                            paramLabel = "FILE",
                            description = "Write the secret key to a file that is not there yet, with mode 0600.")
                    @Nullable
                    Path out)
            throws IOException {
        SecretKey key;
        try {
            key = SecretKey.generate(name);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(Arguments.required(spec).commandLine(), String.valueOf(e.getMessage()), e);
        }
        byte[] text = (key.secretText() + "\n").getBytes(StandardCharsets.US_ASCII);
        if (out == null) {
            streams.out().write(text);
            streams.out().flush();
        } else {
            writeNew(environment.folder().resolve(out), text);
        }
        streams.err().write(("public key: " + key.publicKey() + "\n").getBytes(StandardCharsets.US_ASCII));
        streams.err().flush();
        return ExitCode.OK;
    }

    @Command(name = "public", description = "Prints the public key that belongs to a secret key.")
    int printPublic(
            @Parameters(
                            paramLabel = "FILE",
                            arity = "0..1",
                            description = "File with the secret key (default: standard input).")
                    @Nullable
                    Path file)
            throws IOException {
        SecretKey key = file == null
                ? parse("standard input", streams.in().readNBytes(MAX_KEY_BYTES))
                : readKey(environment.folder().resolve(file));
        streams.out().write((key.publicKey() + "\n").getBytes(StandardCharsets.US_ASCII));
        streams.out().flush();
        return ExitCode.OK;
    }

    /** Reads the secret key in a file; what is thrown does not show it. */
    static SecretKey readKey(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return parse(file.toString(), in.readNBytes(MAX_KEY_BYTES));
        }
    }

    private static SecretKey parse(String where, byte[] text) throws CommandException {
        try {
            return SecretKey.parse(new String(text, StandardCharsets.ISO_8859_1));
        } catch (IllegalArgumentException e) {
            throw new CommandException(ExitCode.FAILED, where + ": " + e.getMessage());
        }
    }

    private static void writeNew(Path file, byte[] text) throws IOException {
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer rest = ByteBuffer.wrap(text);
            while (rest.hasRemaining()) {
                var _ = channel.write(rest);
            }
            channel.force(true);
        }
    }
}
