package dev.narsil.gateway.cli;

import dev.narsil.gateway.control.CommandStreams;
import dev.narsil.gateway.http.ServerOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Checks what this program needs, and says what to do where something is wrong. */
@Command(
        name = "doctor",
        description = {
            "Checks what narsil needs: the JDK, native libraries, the data directory, the port, Nix.",
            "The exit code is 69 when something that is needed is missing."
        })
final class DoctorCommand implements Callable<Integer> {

    private final NarsilCommand root;
    private final Environment environment;
    private final CommandStreams streams;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = ServerOptions.DEFAULT_HOST + ":" + ServerOptions.DEFAULT_PORT,
            converter = ListenAddress.Converter.class,
            description = "The address 'narsil serve' is to listen on (default: ${DEFAULT-VALUE}).")
    private @Nullable ListenAddress listen;

    DoctorCommand(NarsilCommand root, Environment environment, CommandStreams streams) {
        this.root = root;
        this.environment = environment;
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        Path directory = DataDirectory.resolve(root.data(), environment);
        ListenAddress address = Arguments.required(listen);
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok("narsil", Version.line()));
        findings.addAll(MachineChecks.run());
        findings.addAll(DirectoryChecks.run(directory, root.storeOptions()));
        findings.add(PortCheck.run(address));
        findings.addAll(NixChecks.run(address));
        String text = json ? document(findings).encodePrettily() + "\n" : text(findings);
        streams.out().write(text.getBytes(StandardCharsets.UTF_8));
        streams.out().flush();
        boolean failed = findings.stream().anyMatch(finding -> finding.status() == Finding.Status.FAIL);
        return failed ? ExitCode.UNAVAILABLE : ExitCode.OK;
    }

    private static String text(List<Finding> findings) {
        StringBuilder text = new StringBuilder();
        for (Finding finding : findings) {
            text.append(String.format("%-4s  %-15s  %s%n", finding.status().word(), finding.what(), finding.found()));
            if (!finding.advice().isEmpty()) {
                text.append(String.format("%-4s  %-15s  -> %s%n", "", "", finding.advice()));
            }
        }
        return text.toString();
    }

    private static JsonObject document(List<Finding> findings) {
        JsonArray checks = new JsonArray();
        for (Finding finding : findings) {
            checks.add(new JsonObject()
                    .put("status", finding.status().word())
                    .put("check", finding.what())
                    .put("found", finding.found())
                    .put("advice", finding.advice()));
        }
        return new JsonObject().put("checks", checks);
    }
}
