package dev.narsil.gateway.cli;

import dev.narsil.gateway.control.Cancellation;
import dev.narsil.gateway.control.CommandStreams;
import dev.narsil.gateway.control.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs the program in this process, on a data directory, with captured streams. */
final class Cli {

    /** What a run printed, and its exit code. */
    @SuppressWarnings("ArrayRecordComponent")
    record Result(int code, byte[] bytes, String err) {
        String out() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    private final Path folder;
    private final Path data;

    /** The folder is the working directory; the data directory is {@code data} in it. */
    Cli(Path folder) {
        this.folder = folder;
        this.data = folder.resolve("data");
    }

    Path data() {
        return data;
    }

    Environment environment(Terminal terminal) {
        return new Environment(
                Map.of("NARSIL_DATA", "data", "NARSIL_CONFIG", "", "HOME", folder.toString()), folder, terminal);
    }

    Result run(String... arguments) {
        return run("", Terminal.NONE, arguments);
    }

    Result run(String input, Terminal terminal, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        CommandStreams streams = new CommandStreams(
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), out, err, new Cancellation());
        int code = Program.run(List.of(arguments), environment(terminal), streams);
        return new Result(code, out.toByteArray(), err.toString(StandardCharsets.UTF_8));
    }

    /** Starts {@code serve} on a free port and waits until it says that it listens. */
    Serving serve(String... options) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("serve", "--no-upstream", "--listen", "127.0.0.1:0"));
        arguments.addAll(List.of(options));
        Cancellation cancellation = new Cancellation();
        PipedInputStream printed = new PipedInputStream();
        PipedOutputStream out = new PipedOutputStream(printed);
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        CommandStreams streams = new CommandStreams(new ByteArrayInputStream(new byte[0]), out, err, cancellation);
        CompletableFuture<Integer> code = CompletableFuture.supplyAsync(
                () -> {
                    int result = Program.run(arguments, environment(Terminal.NONE), streams);
                    close(out);
                    return result;
                },
                task -> Thread.ofPlatform().start(task));
        StringBuilder line = new StringBuilder();
        for (int c = printed.read(); c >= 0 && c != '\n'; c = printed.read()) {
            line.append((char) c);
        }
        if (!line.toString().startsWith("listening on http://")) {
            throw new IllegalStateException("serve: " + line + err);
        }
        return new Serving(line.substring("listening on ".length()), cancellation, code);
    }

    private static void close(PipedOutputStream out) {
        try {
            out.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** A {@code serve} that runs until it is closed. */
    record Serving(String url, Cancellation cancellation, CompletableFuture<Integer> code) implements AutoCloseable {
        @Override
        public void close() {
            cancellation.cancel();
            int result = code.orTimeout(60, TimeUnit.SECONDS).join();
            if (result != 0) {
                throw new IllegalStateException("serve ended with " + result);
            }
        }
    }
}
