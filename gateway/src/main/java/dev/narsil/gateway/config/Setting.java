package dev.narsil.gateway.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * One thing that can be set: its names, what values it takes, and its default. All names follow from the key: {@code
 * limits.idle-timeout} is {@code --idle-timeout} and {@code NARSIL_IDLE_TIMEOUT}.
 *
 * @param <T> what its value is
 */
public final class Setting<T> {

    /** How a setting is written. */
    public enum Form {
        /** One value: a TOML string. */
        TEXT,
        /** A whole number: a TOML integer. */
        NUMBER,
        /** On or off: a TOML boolean. */
        SWITCH,
        /** Any number of values: a TOML array of strings, a repeated option, white space between them in a variable. */
        LIST,
        /** Any number of tables in TOML, each with the text form of the option. */
        TABLES
    }

    /** Reads the texts of a value. */
    @FunctionalInterface
    interface Parser<T> {
        /**
         * Returns the value.
         *
         * @param texts one, but for lists
         * @param folder what relative paths are relative to
         * @throws IllegalArgumentException with the reason if they are none
         */
        T parse(List<String> texts, Path folder);
    }

    private static final String IPFS_SECTION = "ipfs.";

    private final String key;
    private final Form form;
    private final String label;
    private final List<String> defaults;
    private final String description;
    private final Parser<T> parser;

    Setting(String key, Form form, String label, List<String> defaults, String description, Parser<T> parser) {
        this.key = key;
        this.form = form;
        this.label = label;
        this.defaults = defaults;
        this.description = description;
        this.parser = parser;
    }

    /** Its key in the file, such as {@code serve.priority}. */
    public String key() {
        return key;
    }

    /** What its key ends in, such as {@code priority}; with the section where that is {@code ipfs}: {@code ipfs-gateway}. */
    public String name() {
        return key.startsWith(IPFS_SECTION) ? key.replace('.', '-') : key.substring(key.indexOf('.') + 1);
    }

    /** Its option on the command line, such as {@code --priority}. */
    public String option() {
        return "--" + name();
    }

    /** Its environment variable, such as {@code NARSIL_PRIORITY}. */
    public String variable() {
        return "NARSIL_" + name().toUpperCase(Locale.ROOT).replace('-', '_');
    }

    public Form form() {
        return form;
    }

    /** What stands for the value in help texts; empty for a switch. */
    public String label() {
        return label;
    }

    /** The texts of its value where nothing sets it; none for a setting that then has no value. */
    public List<String> defaults() {
        return defaults;
    }

    /** What it does, in a sentence. */
    public String description() {
        return description;
    }

    T parse(List<String> texts, Path folder) {
        return parser.parse(texts, folder);
    }

    @Override
    public String toString() {
        return key;
    }
}
