package dev.narsil.gateway.cli;

import dev.narsil.gateway.config.Setting;
import dev.narsil.gateway.config.Settings;
import dev.narsil.gateway.upstream.UpstreamOptions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The settings as options of a command. Their values are left as texts, to be read where all texts of settings are. */
final class SettingOptions {

    private static final String NO_UPSTREAM = "--no-upstream";

    private SettingOptions() {}

    /** Adds an option for each setting but those that every command has. */
    static void addTo(CommandSpec command) {
        for (Setting<?> setting : Settings.ALL) {
            if (setting != Settings.DATA && setting != Settings.STORE_DIR) {
                command.addOption(option(setting));
            }
            if (setting == Settings.UPSTREAM) {
                command.addOption(OptionSpec.builder(NO_UPSTREAM)
                        .type(boolean.class)
                        .arity("0")
                        .description("Ask no other cache for what is not stored.")
                        .build());
            }
        }
    }

    private static OptionSpec option(Setting<?> setting) {
        OptionSpec.Builder option = OptionSpec.builder(setting.option()).description(description(setting));
        return switch (setting.form()) {
            case SWITCH -> option.type(Boolean.class).arity("0").negatable(true).build();
            case TEXT, NUMBER ->
                option.type(String.class).arity("1").paramLabel(setting.label()).build();
            case LIST, TABLES ->
                option.type(List.class)
                        .auxiliaryTypes(String.class)
                        .arity("1")
                        .paramLabel(setting.label())
                        .build();
        };
    }

    private static String description(Setting<?> setting) {
        boolean shown =
                setting.form() != Setting.Form.SWITCH && !setting.defaults().isEmpty();
        String standard = shown ? " Default: " + String.join(" ", setting.defaults()) : "";
        // picocli formats what it prints
        return (setting.description() + standard).replace("%", "%%");
    }

    /** Returns the texts of the settings that a command line has options for. */
    static Map<Setting<?>, List<String>> given(ParseResult parsed, CommandLine command) {
        Map<Setting<?>, List<String>> given = new HashMap<>();
        for (Setting<?> setting : Settings.ALL) {
            if (setting != Settings.DATA
                    && setting != Settings.STORE_DIR
                    && parsed.hasMatchedOption(setting.option())) {
                given.put(setting, texts(setting, parsed));
            }
        }
        if (given.getOrDefault(Settings.UPSTREAM, List.of()).stream().anyMatch(UpstreamOptions::hasCredentials)) {
            throw new ParameterException(
                    command,
                    Settings.UPSTREAM.option()
                            + ": everybody on this machine can see credentials on a command line; put"
                            + " this upstream into the configuration file or into $"
                            + Settings.UPSTREAM.variable());
        }
        if (parsed.hasMatchedOption(NO_UPSTREAM)) {
            if (given.put(Settings.UPSTREAM, List.of(Settings.NONE)) != null) {
                throw new ParameterException(command, "either --upstream or " + NO_UPSTREAM);
            }
        }
        return given;
    }

    private static List<String> texts(Setting<?> setting, ParseResult parsed) {
        return switch (setting.form()) {
            case SWITCH ->
                List.of(parsed.<Boolean>matchedOptionValue(setting.option(), false)
                        .toString());
            case TEXT, NUMBER -> List.of(parsed.<String>matchedOptionValue(setting.option(), ""));
            case LIST, TABLES -> List.copyOf(parsed.<List<String>>matchedOptionValue(setting.option(), List.of()));
        };
    }
}
