package dev.narsil.gateway.cli;

import dev.narsil.gateway.control.Terminal;
import java.nio.file.Path;
import java.util.Map;

/**
 * What surrounds the process.
 *
 * @param variables environment variables
 * @param folder the working directory, absolute
 * @param terminal where its output ends up
 */
record Environment(Map<String, String> variables, Path folder, Terminal terminal) {

    /** Set by the launcher, which can tell cheaply: {@code out}, {@code err}, both or neither. */
    private static final String TERMINAL_PROPERTY = "narsil.terminal";

    private static final int MAX_WIDTH = 1000;

    Environment {
        variables = Map.copyOf(variables);
    }

    /** Returns what surrounds this process. */
    static Environment ofProcess() {
        Map<String, String> variables = System.getenv();
        String terminals = System.getProperty(TERMINAL_PROPERTY, "");
        boolean color = variables.getOrDefault("NO_COLOR", "").isEmpty()
                && !variables.getOrDefault("TERM", "").equals("dumb");
        Terminal terminal =
                new Terminal(terminals.contains("out"), terminals.contains("err"), color, width(variables));
        return new Environment(variables, Path.of("").toAbsolutePath(), terminal);
    }

    /** Tells whether stack traces are wanted. */
    boolean debug() {
        return variables.getOrDefault("NARSIL_DEBUG", "").equals("1");
    }

    /** Returns the value of a variable, or the empty string. */
    String variable(String name) {
        return variables.getOrDefault(name, "");
    }

    private static int width(Map<String, String> variables) {
        String columns = variables.getOrDefault("NARSIL_COLUMNS", "");
        if (columns.isEmpty() || columns.length() > 4 || !columns.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Terminal.DEFAULT_WIDTH;
        }
        return Math.clamp(Integer.parseInt(columns), 1, MAX_WIDTH);
    }
}
