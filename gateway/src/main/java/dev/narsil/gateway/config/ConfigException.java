package dev.narsil.gateway.config;

import java.io.IOException;
import java.util.List;

/** Says what is wrong with a configuration: each problem in a line that begins with its place. */
public final class ConfigException extends IOException {

    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    ConfigException(List<String> problems) {
        super(String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    /** Returns the problems, at least one. */
    public List<String> problems() {
        return problems;
    }
}
