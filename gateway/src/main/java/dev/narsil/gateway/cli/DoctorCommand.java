package dev.narsil.gateway.cli;

import dev.narsil.gateway.config.Configuration;
import dev.narsil.gateway.config.ListenAddress;
import dev.narsil.gateway.config.Settings;
import dev.narsil.gateway.control.CommandStreams;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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
            description = "The address 'narsil serve' is to listen on (default: the first that is set for it).")
    private @Nullable String listen;

    @Spec
    private @Nullable CommandSpec spec;

    DoctorCommand(NarsilCommand root, Environment environment, CommandStreams streams) {
        this.root = root;
        this.environment = environment;
        this.streams = streams;
    }

    @Override
    public Integer call() throws IOException {
        Configuration configuration = ConfigLocation.load(root, environment, Map.of());
        Path directory = DataDirectory.resolve(configuration, environment);
        Optional<InetSocketAddress> address = address(configuration);
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok("narsil", Version.line()));
        findings.addAll(MachineChecks.run());
        findings.addAll(
                DirectoryChecks.run(directory, NarsilCommand.storeOptions(configuration.get(Settings.STORE_DIR))));
        String basePath = configuration.get(Settings.BASE_PATH);
        Optional<Path> certificate = configuration.find(Settings.TLS_CERT);
        address.map(tcp -> PortCheck.run(tcp, basePath, certificate.orElse(null)))
                .ifPresent(findings::add);
        findings.addAll(NixChecks.run((certificate.isPresent() ? "https://" : "http://")
                + address.map(ListenAddress::print).orElse("HOST:PORT")
                + basePath));
        String text = json ? document(findings).encodePrettily() + "\n" : text(findings);
        streams.out().write(text.getBytes(StandardCharsets.UTF_8));
        streams.out().flush();
        boolean failed = findings.stream().anyMatch(finding -> finding.status() == Finding.Status.FAIL);
        return failed ? ExitCode.UNAVAILABLE : ExitCode.OK;
    }

    private Optional<InetSocketAddress> address(Configuration configuration) {
        if (listen == null) {
            return configuration.get(Settings.LISTEN).stream()
                    .filter(InetSocketAddress.class::isInstance)
                    .map(InetSocketAddress.class::cast)
                    .findFirst();
        }
        try {
            return Optional.of(ListenAddress.parseTcp(listen));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(Arguments.required(spec).commandLine(), String.valueOf(e.getMessage()), e);
        }
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
