package dev.narsil.gateway.config;

import java.nio.file.Path;

/** Where a value comes from. Of several the one that overrides the others counts: option, variable, file, default. */
public sealed interface Origin {

    /** An option of the command line. */
    record Option(String name) implements Origin {
        @Override
        public String toString() {
            return name;
        }
    }

    /** An environment variable. */
    record Variable(String name) implements Origin {
        @Override
        public String toString() {
            return "$" + name;
        }
    }

    /** A line of the configuration file, from 1 on. */
    record Line(Path file, int line) implements Origin {
        @Override
        public String toString() {
            return file + ":" + line;
        }
    }

    /** Nothing set it. */
    record Default() implements Origin {
        @Override
        public String toString() {
            return "default";
        }
    }
}
