package dev.narsil.gateway.cli;

import dev.narsil.gateway.config.ConfigException;
import dev.narsil.gateway.config.ConfigFile;
import dev.narsil.gateway.config.Configuration;
import dev.narsil.gateway.config.Setting;
import dev.narsil.gateway.config.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a user's configuration is, and all it says together with options and variables. */
final class ConfigLocation {

    private static final Path OF_SYSTEM = Path.of("/etc/narsil/config.toml");
    private static final String BELOW_HOME = "narsil/config.toml";

    private ConfigLocation() {}

    /**
     * Returns the file: {@code --config}, {@code $NARSIL_CONFIG} (no file at all if it is set and empty), or the first
     * that is there of {@code $XDG_CONFIG_HOME/narsil/config.toml} (else below {@code ~/.config}) and {@code
     * /etc/narsil/config.toml}.
     */
    static Optional<Path> find(@Nullable Path option, Environment environment) {
        if (option != null) {
            return Optional.of(environment.folder().resolve(option).normalize());
        }
        String variable = environment.variables().get("NARSIL_CONFIG");
        if (variable != null) {
            return variable.isEmpty()
                    ? Optional.empty()
                    : Optional.of(environment.folder().resolve(variable).normalize());
        }
        return List.of(ofUser(environment), Optional.of(OF_SYSTEM)).stream()
                .flatMap(Optional::stream)
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static Optional<Path> ofUser(Environment environment) {
        String xdg = environment.variable("XDG_CONFIG_HOME");
        if (xdg.startsWith("/")) {
            return Optional.of(Path.of(xdg, BELOW_HOME));
        }
        String home = environment.variable("HOME");
        return home.startsWith("/") ? Optional.of(Path.of(home, ".config", BELOW_HOME)) : Optional.empty();
    }

    /**
     * Puts together what is set for a command.
     *
     * @param options what its own options set, besides those of every command
     */
    static Configuration load(NarsilCommand root, Environment environment, Map<Setting<?>, List<String>> options)
            throws ConfigException {
        Optional<Path> path = find(root.config(), environment);
        ConfigFile file = path.isPresent() ? ConfigFile.read(path.get()) : null;
        Map<Setting<?>, List<String>> all = new HashMap<>(options);
        Path data = root.data();
        if (data != null) {
            all.put(Settings.DATA, List.of(data.toString()));
        }
        root.storeDir().ifPresent(directory -> all.put(Settings.STORE_DIR, List.of(directory.toString())));
        return Configuration.of(all, environment.variables(), file, environment.folder());
    }
}
