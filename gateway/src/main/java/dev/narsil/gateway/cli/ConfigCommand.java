package dev.narsil.gateway.cli;

import dev.narsil.gateway.config.ConfigException;
import dev.narsil.gateway.config.ConfigFile;
import dev.narsil.gateway.config.Configuration;
import dev.narsil.gateway.config.Configuration.Effective;
import dev.narsil.gateway.config.Setting;
import dev.narsil.gateway.config.Settings;
import dev.narsil.gateway.control.CommandStreams;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks and shows what is set for a server. */
@Command(
        name = "config",
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Checks and shows the configuration of 'narsil serve'.",
            "An option wins over a variable, a variable over the file, the file over the default."
        },
        footer = {
            "",
            "Examples:",
            "  narsil config check /etc/narsil/config.toml",
            "  narsil config show --json | jq '.settings[\"serve.listen\"]'"
        })
final class ConfigCommand {

    private final NarsilCommand root;
    private final Environment environment;
    private final CommandStreams streams;

    ConfigCommand(NarsilCommand root, Environment environment, CommandStreams streams) {
        this.root = root;
        this.environment = environment;
        this.streams = streams;
    }

    @Command(
            name = "check",
            description = {
                "Tells whether a configuration file is right, or each line that is wrong and why.",
                "Files that it names are not looked at."
            })
    int check(
            @Parameters(
                            paramLabel = "FILE",
                            arity = "0..1",
                            description = "The file (default: the one that 'narsil serve' would read).")
                    @Nullable
                    Path file)
            throws IOException {
        Optional<Path> found = ConfigLocation.find(file == null ? root.config() : file, environment);
        if (found.isEmpty()) {
            throw new CommandException(ExitCode.FAILED, "there is no configuration file; name one");
        }
        try {
            ConfigFile read = ConfigFile.read(found.get());
            var _ = Configuration.of(Map.of(), Map.of(), read, environment.folder());
        } catch (ConfigException e) {
            print(streams.err(), String.join("\n", e.problems()) + "\n");
            return ExitCode.FAILED;
        }
        print(streams.out(), found.get() + ": all right\n");
        return ExitCode.OK;
    }

    @Command(name = "show", description = "Shows the value of every setting and where it comes from; no secrets.")
    int show(@Option(names = "--json", description = "Print one JSON object.") boolean json) throws IOException {
        Configuration configuration = ConfigLocation.load(root, environment, Map.of());
        if (json) {
            print(streams.out(), document(configuration).encodePrettily() + "\n");
        } else {
            print(streams.out(), text(configuration));
        }
        return ExitCode.OK;
    }

    private JsonObject document(Configuration configuration) throws IOException {
        JsonObject settings = new JsonObject();
        for (Effective effective : configuration.effective()) {
            List<String> texts = texts(effective, configuration);
            Setting.Form form = effective.setting().form();
            boolean list = form == Setting.Form.LIST || form == Setting.Form.TABLES;
            settings.put(
                    effective.setting().key(),
                    new JsonObject()
                            .put("value", list ? new JsonArray(texts) : texts.isEmpty() ? null : texts.getFirst())
                            .put("origin", effective.origin().toString()));
        }
        return new JsonObject()
                .put("file", configuration.file().map(Path::toString).orElse(null))
                .put("settings", settings);
    }

    private String text(Configuration configuration) throws IOException {
        StringBuilder text = new StringBuilder();
        text.append("file: ")
                .append(configuration.file().map(Path::toString).orElse("none"))
                .append('\n');
        int width = Settings.ALL.stream()
                .mapToInt(setting -> setting.key().length())
                .max()
                .orElse(1);
        for (Effective effective : configuration.effective()) {
            String value = String.join(" ", texts(effective, configuration));
            text.append(String.format(
                    "%-" + width + "s = %s  (%s)%n",
                    effective.setting().key(),
                    value.isEmpty() ? "none" : value,
                    effective.origin()));
        }
        return text.toString();
    }

    /** The texts of a value; of the data directory also where nothing sets it, as it depends on more than settings. */
    private List<String> texts(Effective effective, Configuration configuration) throws IOException {
        return effective.setting() == Settings.DATA
                ? List.of(DataDirectory.resolve(configuration, environment).toString())
                : effective.texts();
    }

    private static void print(OutputStream stream, String text) throws IOException {
        stream.write(text.getBytes(StandardCharsets.UTF_8));
        stream.flush();
    }
}
