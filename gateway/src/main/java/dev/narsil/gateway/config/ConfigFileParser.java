package dev.narsil.gateway.config;

import dev.narsil.gateway.config.ConfigFile.Value;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tomlj.Toml;
import org.tomlj.TomlArray;
import org.tomlj.TomlParseError;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlPosition;
import org.tomlj.TomlTable;

/** Reads what a configuration file sets, and finds all that is wrong with its form at once. */
final class ConfigFileParser {

    /** Deepest nesting of brackets, which the parser of TOML descends into. */
    private static final int MAX_DEPTH = 32;

    /** Most problems that are told. */
    private static final int MAX_PROBLEMS = 20;

    private static final String URL = "url";
    private static final String PRIORITY = "priority";
    private static final String TRUSTED_KEYS = "trusted-keys";
    private static final String TRUST_UNSIGNED = "trust-unsigned";
    private static final List<String> UPSTREAM_KEYS = List.of(URL, PRIORITY, TRUSTED_KEYS, TRUST_UNSIGNED);

    private final Path path;
    private final List<String> problems = new ArrayList<>();
    private final Map<Setting<?>, Value> values = new LinkedHashMap<>();

    ConfigFileParser(Path path) {
        this.path = path;
    }

    Map<Setting<?>, Value> parse(String text) throws ConfigException {
        if (depth(text) > MAX_DEPTH) {
            throw new ConfigException(List.of(path + ": nested too deeply"));
        }
        TomlParseResult toml = Toml.parse(text);
        if (toml.hasErrors()) {
            throw new ConfigException(
                    toml.errors().stream().limit(MAX_PROBLEMS).map(this::syntax).toList());
        }
        for (String key : toml.keySet()) {
            readTop(toml, key);
        }
        if (!problems.isEmpty()) {
            throw new ConfigException(problems.stream().limit(MAX_PROBLEMS).toList());
        }
        return values;
    }

    /** The depth of brackets, of which those in strings and comments count too. */
    private static int depth(String text) {
        int depth = 0;
        int deepest = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '[' || c == '{' ? 1 : 0;
            depth -= (c == ']' || c == '}') && depth > 0 ? 1 : 0;
            deepest = Math.max(deepest, depth);
        }
        return deepest;
    }

    private String syntax(TomlParseError error) {
        TomlPosition position = error.position();
        return path + ":" + position.line() + ": column " + position.column() + ": " + error.getMessage();
    }

    private void readTop(TomlTable toml, String key) {
        int line = line(toml, key);
        Optional<Setting<?>> tables = Settings.ALL.stream()
                .filter(setting ->
                        setting.form() == Setting.Form.TABLES && setting.key().equals(key))
                .findAny();
        if (tables.isPresent()) {
            readTables(tables.get(), toml.get(List.of(key)), line);
        } else if (!Settings.sections().contains(key)) {
            unknown(line, key, Stream.concat(Settings.sections().stream(), Settings.keys().stream()));
        } else if (toml.get(List.of(key)) instanceof TomlTable section) {
            section.keySet().forEach(name -> readSetting(key, section, name));
        } else {
            problem(line, key + " is a section: [" + key + "]");
        }
    }

    private void readSetting(String sectionName, TomlTable section, String name) {
        String key = sectionName + "." + name;
        int line = line(section, name);
        Optional<Setting<?>> setting =
                Settings.ALL.stream().filter(s -> s.key().equals(key)).findAny();
        if (setting.isEmpty()) {
            unknown(line, key, Settings.keys().stream());
            return;
        }
        List<String> texts = texts(setting.get().form(), section.get(List.of(name)));
        if (texts == null) {
            problem(line, key + " is " + wanted(setting.get().form()));
        } else {
            values.put(setting.get(), new Value(texts, line));
        }
    }

    private static String wanted(Setting.Form form) {
        return switch (form) {
            case TEXT -> "a string, in quotes";
            case NUMBER -> "a whole number";
            case SWITCH -> "true or false";
            case LIST -> "a list of strings: [\"…\", \"…\"]";
            case TABLES -> "a list of tables";
        };
    }

    /** Returns the value as the texts of its options, or null if it is of another type. */
    private static @Nullable List<String> texts(Setting.Form form, @Nullable Object value) {
        return switch (form) {
            case TEXT -> value instanceof String text ? List.of(text) : null;
            case NUMBER -> value instanceof Long number ? List.of(number.toString()) : null;
            case SWITCH -> value instanceof Boolean on ? List.of(on.toString()) : null;
            case LIST -> value instanceof TomlArray array ? strings(array) : null;
            case TABLES -> null;
        };
    }

    private static @Nullable List<String> strings(TomlArray array) {
        List<String> strings = new ArrayList<>();
        for (Object element : array.toList()) {
            if (!(element instanceof String text)) {
                return null;
            }
            strings.add(text);
        }
        return strings;
    }

    private void readTables(Setting<?> setting, @Nullable Object value, int line) {
        if (!(value instanceof TomlArray array)
                || !array.toList().stream().allMatch(element -> element instanceof TomlTable)) {
            problem(line, setting.key() + " is written as [[" + setting.key() + "]]");
            return;
        }
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            texts.add(upstream(array.getTable(i), array.inputPositionOf(i).line()));
        }
        values.put(setting, new Value(texts.isEmpty() ? List.of(Settings.NONE) : texts, line));
    }

    /** Returns the text of the option that says the same as a table. */
    private String upstream(TomlTable table, int line) {
        for (String key : table.keySet()) {
            if (!UPSTREAM_KEYS.contains(key)) {
                unknown(
                        line(table, key),
                        "upstream." + key,
                        UPSTREAM_KEYS.stream().map(name -> "upstream." + name));
            }
        }
        if (!(table.get(List.of(URL)) instanceof String url)) {
            problem(line, "an upstream has a url");
            return "";
        }
        List<String> parameters = new ArrayList<>();
        add(parameters, table, PRIORITY, Setting.Form.NUMBER, PRIORITY);
        add(parameters, table, TRUSTED_KEYS, Setting.Form.LIST, "trusted-key");
        add(parameters, table, TRUST_UNSIGNED, Setting.Form.SWITCH, TRUST_UNSIGNED);
        String separator = url.indexOf('?') < 0 ? "?" : "&";
        return parameters.isEmpty() ? url : url + separator + String.join("&", parameters);
    }

    private void add(List<String> parameters, TomlTable table, String key, Setting.Form form, String parameter) {
        if (!table.contains(List.of(key))) {
            return;
        }
        List<String> texts = texts(form, table.get(List.of(key)));
        if (texts == null) {
            problem(line(table, key), "upstream." + key + " is " + wanted(form));
            return;
        }
        for (String text : texts) {
            parameters.add(parameter + "="
                    + URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20"));
        }
    }

    private static int line(TomlTable table, String key) {
        return Objects.requireNonNull(table.inputPositionOf(List.of(key)), key).line();
    }

    private void unknown(int line, String key, Stream<String> known) {
        String suggestion = Suggestion.nearest(key, known)
                .map(nearest -> "; did you mean " + nearest + "?")
                .orElse("");
        problem(line, "there is no setting " + key + suggestion);
    }

    private void problem(int line, String reason) {
        problems.add(path + ":" + line + ": " + reason);
    }
}
