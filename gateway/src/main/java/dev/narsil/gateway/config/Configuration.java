package dev.narsil.gateway.config;

import dev.narsil.gateway.config.ConfigFile.Value;
import dev.narsil.gateway.replicas.DonorOptions;
import dev.narsil.gateway.upstream.UpstreamOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The values of all settings and where each comes from. Every value in it is a good one. */
public final class Configuration {

    /** One value as a text to show; credentials in URLs are left out. */
    public record Effective(Setting<?> setting, List<String> texts, Origin origin) {}

    private record Entry(
            List<String> texts, Origin origin, @Nullable Object value) {}

    private final @Nullable Path file;
    private final Map<Setting<?>, Entry> entries;

    private Configuration(@Nullable Path file, Map<Setting<?>, Entry> entries) {
        this.file = file;
        this.entries = entries;
    }

    /**
     * Puts together what options, variables and a file set.
     *
     * @param options what the command line sets
     * @param variables the environment; a variable that is empty counts as not set
     * @param file the file, or null if there is none
     * @param folder the working directory; paths in the file are relative to the file's
     * @throws ConfigException if a value is none, or two do not go together
     */
    public static Configuration of(
            Map<Setting<?>, List<String>> options,
            Map<String, String> variables,
            @Nullable ConfigFile file,
            Path folder)
            throws ConfigException {
        Map<Setting<?>, Entry> entries = new LinkedHashMap<>();
        List<String> problems = new ArrayList<>();
        for (Setting<?> setting : Settings.ALL) {
            List<String> option = options.get(setting);
            String variable = variables.getOrDefault(setting.variable(), "");
            Value line = file == null ? null : file.values().get(setting);
            if (option != null) {
                put(entries, problems, setting, option, new Origin.Option(setting.option()), folder);
            } else if (!variable.isBlank()) {
                put(
                        entries,
                        problems,
                        setting,
                        words(setting, variable),
                        new Origin.Variable(setting.variable()),
                        folder);
            } else if (line != null && file != null) {
                Origin origin = new Origin.Line(file.path(), line.line());
                put(entries, problems, setting, line.texts(), origin, parent(file.path()));
            } else {
                put(entries, problems, setting, setting.defaults(), new Origin.Default(), folder);
            }
        }
        Configuration configuration = new Configuration(file == null ? null : file.path(), entries);
        if (problems.isEmpty()) {
            configuration.together(problems);
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return configuration;
    }

    private static Path parent(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file : parent;
    }

    private static List<String> words(Setting<?> setting, String variable) {
        return switch (setting.form()) {
            case LIST, TABLES -> Arrays.asList(variable.strip().split("\\s+"));
            case TEXT, NUMBER, SWITCH -> List.of(variable);
        };
    }

    private static void put(
            Map<Setting<?>, Entry> entries,
            List<String> problems,
            Setting<?> setting,
            List<String> texts,
            Origin origin,
            Path folder) {
        boolean list = setting.form() == Setting.Form.LIST || setting.form() == Setting.Form.TABLES;
        try {
            Object value = texts.isEmpty() && !list ? null : setting.parse(texts, folder);
            entries.put(setting, new Entry(texts, origin, value));
        } catch (IllegalArgumentException e) {
            String name = origin instanceof Origin.Line ? setting.key() + ": " : "";
            problems.add(origin + ": " + name + e.getMessage());
        }
    }

    private void together(List<String> problems) {
        if (find(Settings.TLS_CERT).isPresent() != find(Settings.TLS_KEY).isPresent()) {
            Setting<Path> present = find(Settings.TLS_CERT).isPresent() ? Settings.TLS_CERT : Settings.TLS_KEY;
            problems.add(entry(present).origin() + ": " + Settings.TLS_CERT.name() + " and " + Settings.TLS_KEY.name()
                    + " are given together or not at all");
        }
        try {
            DonorOptions.requireNames(donors());
        } catch (IllegalArgumentException e) {
            problems.add(entry(Settings.IPFS_CLUSTERS).origin() + ": " + e.getMessage());
        }
        if (get(Settings.PIN_SERVICE) && find(Settings.IPFS_API).isEmpty()) {
            problems.add(entry(Settings.PIN_SERVICE).origin() + ": " + Settings.PIN_SERVICE.name() + " needs "
                    + Settings.IPFS_API.key() + ": the daemon that keeps what is asked for");
        }
        if (get(Settings.PROXY_PROTOCOL) && get(Settings.ALLOW_ANONYMOUS_WRITES)) {
            problems.add(entry(Settings.ALLOW_ANONYMOUS_WRITES).origin() + ": "
                    + Settings.ALLOW_ANONYMOUS_WRITES.name() + " and " + Settings.PROXY_PROTOCOL.name()
                    + " exclude each other: what a proxy passes on does not come from this machine");
        }
    }

    /** Returns all who can be asked for copies. */
    public List<DonorOptions> donors() {
        return Stream.concat(get(Settings.IPFS_PIN_SERVICES).stream(), get(Settings.IPFS_CLUSTERS).stream())
                .toList();
    }

    /** Returns the value of a setting that has a default. */
    public <T> T get(Setting<T> setting) {
        return find(setting).orElseThrow(() -> new NoSuchElementException(setting.key()));
    }

    /** Returns the value of a setting, if it has one. */
    @SuppressWarnings("unchecked")
    public <T> Optional<T> find(Setting<T> setting) {
        return Optional.ofNullable((T) entry(setting).value());
    }

    /** Tells where the value of a setting comes from. */
    public Origin origin(Setting<?> setting) {
        return entry(setting).origin();
    }

    private Entry entry(Setting<?> setting) {
        Entry entry = entries.get(setting);
        if (entry == null) {
            throw new NoSuchElementException(setting.key());
        }
        return entry;
    }

    /** Returns the file that was read. */
    public Optional<Path> file() {
        return Optional.ofNullable(file);
    }

    /** Returns all values, to be shown. */
    public List<Effective> effective() {
        return entries.entrySet().stream()
                .map(entry -> new Effective(
                        entry.getKey(),
                        entry.getValue().texts().stream()
                                .map(UpstreamOptions::withoutCredentials)
                                .toList(),
                        entry.getValue().origin()))
                .toList();
    }
}
