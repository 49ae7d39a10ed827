package dev.narsil.gateway.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Checks whether Nix is there and is set to use this cache. Nothing of it is needed to serve. */
final class NixChecks {

    private static final String WHAT = "Nix";
    private static final String CONFIG = "nix.conf";
    private static final long PATIENCE_SECONDS = 10;
    private static final int MAX_OUTPUT_BYTES = 1 << 20;

    private NixChecks() {}

    static List<Finding> run(String cache) {
        Optional<String> version = output("nix", "--version");
        if (version.isEmpty()) {
            return List.of(Finding.ok(WHAT, "not on this machine; that is fine for a server"));
        }
        Optional<String> config = output("nix", "--extra-experimental-features", "nix-command", "show-config")
                .or(() -> output("nix", "--extra-experimental-features", "nix-command", "config", "show"));
        Finding found = Finding.ok(WHAT, version.get().strip());
        return List.of(
                found,
                config.map(text -> substituters(text, cache))
                        .orElseGet(() -> Finding.warn(CONFIG, "Nix does not tell its settings", "")));
    }

    static Finding substituters(String config, String cache) {
        String substituters = setting(config, "substituters");
        String found = "substituters = " + substituters;
        boolean used = List.of(substituters.split("\\s+")).stream()
                .anyMatch(url -> url.equals(cache) || url.startsWith(cache + "/") || url.startsWith(cache + "?"));
        return used
                ? Finding.ok(CONFIG, found + "; trusted-public-keys = " + setting(config, "trusted-public-keys"))
                : Finding.warn(CONFIG, found, "to use this cache here, add: extra-substituters = " + cache);
    }

    private static String setting(String config, String name) {
        return config.lines()
                .filter(line -> line.startsWith(name + " ="))
                .map(line -> line.substring(name.length() + 2).strip())
                .findFirst()
                .orElse("");
    }

    /** Returns what a command prints; empty if it is missing, fails or takes too long. */
    private static Optional<String> output(String... command) {
        Path file = null;
        try {
            file = Files.createTempFile("narsil-doctor", ".txt");
            Process process = new ProcessBuilder(command)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .redirectOutput(file.toFile())
                    .start();
            boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            return ended && process.exitValue() == 0 && Files.size(file) <= MAX_OUTPUT_BYTES
                    ? Optional.of(Files.readString(file, StandardCharsets.UTF_8))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } finally {
            delete(file);
        }
    }

    private static void delete(@org.jspecify.annotations.Nullable Path file) {
        if (file != null) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                file.toFile().deleteOnExit();
            }
        }
    }
}
