package dev.narsil.benchmarks.soak;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@code narsil serve} of the built distribution, and the commands that run beside it. */
final class ServerProcess implements AutoCloseable {

    private static final int STOP_SECONDS = 120;
    private static final int COMMAND_SECONDS = 600;

    /** What the JVM says when it ended in order after SIGTERM. */
    private static final int TERMINATED = 143;

    private static final String LISTENING = "listening on http://";

    private final Path launcher;
    private final Path data;
    private final Path log;
    private final Process process;
    private final InetSocketAddress address;

    private ServerProcess(Path launcher, Path data, Path log, Process process, InetSocketAddress address) {
        this.launcher = launcher;
        this.data = data;
        this.log = log;
        this.process = process;
        this.address = address;
    }

    /** What a command did. */
    record Outcome(int status, String out, String err) {}

    /** Starts a server on a free port, with these options besides. */
    static ServerProcess start(Path launcher, Path data, Path log, List<String> options) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(launcher.toString(), "serve", "--data", data.toString(), "--listen", "127.0.0.1:0"));
        command.addAll(options);
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        if (line == null || !line.startsWith(LISTENING)) {
            process.destroy();
            throw new IOException("narsil serve did not start: " + line + "\n" + Files.readString(log));
        }
        int port = Integer.parseInt(line.substring(line.lastIndexOf(':') + 1).replaceAll("[^0-9]", ""));
        return new ServerProcess(
                launcher, data, log, process, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    InetSocketAddress address() {
        return address;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Runs {@code narsil} with these arguments on the data directory. */
    Outcome command(String... arguments) throws IOException, InterruptedException {
        return command(launcher, data, arguments);
    }

    static Outcome command(Path launcher, Path data, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        command.add("--data");
        command.add(data.toString());
        Path err = Files.createTempFile(data.getParent(), "command-", ".err");
        try {
            Process running =
                    new ProcessBuilder(command).redirectError(err.toFile()).start();
            running.getOutputStream().close();
            String out = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!running.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
                running.destroyForcibly();
                throw new IOException("it does not end: " + command);
            }
            return new Outcome(running.exitValue(), out, Files.readString(err));
        } finally {
            Files.delete(err);
        }
    }

    /** What it has logged. */
    List<String> log() throws IOException {
        return Files.readAllLines(log);
    }

    /** Stops it with SIGTERM; tells what was wrong with that, or nothing. */
    String stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            return "it did not stop within " + STOP_SECONDS + " s of SIGTERM";
        }
        int status = process.exitValue();
        return status == 0 || status == TERMINATED ? "" : "it ended with status " + status;
    }

    /** Kills it if it still runs. */
    @Override
    public void close() {
        process.destroyForcibly();
    }
}
