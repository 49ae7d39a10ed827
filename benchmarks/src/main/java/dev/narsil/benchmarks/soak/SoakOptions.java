package dev.narsil.benchmarks.soak;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * How a soak runs.
 *
 * @param narsil the launcher
 * @param work an empty directory
 * @param seconds how long
 * @param seed what everything random depends on
 * @param rate most operations a second
 * @param workers operations at a time
 * @param only the operations that are done
 * @param json whether the result is printed as one JSON object
 */
record SoakOptions(
        Path narsil, Path work, int seconds, long seed, double rate, int workers, Set<Operation> only, boolean json) {

    static final String USAGE = """
            usage: benchmarks/soak [--seconds N] [--seed S] [--rate R] [--workers N] [--only OPERATION,...] [--json]

            Does at random what clients do, to a narsil serve of its own with a good and a bad upstream, for N seconds (default 120), and
            compares every byte that comes. At the end memory, threads and files must not have grown, and the store must be sound.
              --seed S      does the same again (default: the time)
              --rate R      at most so many operations a second (default 50)
              --workers N   operations at a time (default 8)
              --only ...    only these operations
              --json        prints the result as one JSON object
            """;

    SoakOptions {
        only = Set.copyOf(only);
        if (seconds < 1 || !(rate > 0) || workers < 1) {
            throw new IllegalArgumentException("numbers are positive");
        }
    }

    /** Reads the arguments; the first two are the launcher and the work directory. */
    static SoakOptions parse(String[] arguments) {
        int seconds = 120;
        long seed = System.currentTimeMillis();
        double rate = 50;
        int workers = 8;
        boolean json = false;
        Set<Operation> only = EnumSet.allOf(Operation.class);
        for (int i = 2; i < arguments.length; i++) {
            if (arguments[i].equals("--json")) {
                json = true;
                continue;
            }
            if (i + 1 == arguments.length) {
                throw new IllegalArgumentException("not an option with a value: " + arguments[i]);
            }
            String value = arguments[++i];
            switch (arguments[i - 1]) {
                case "--seconds" -> seconds = Integer.parseInt(value);
                case "--seed" -> seed = Long.parseLong(value);
                case "--rate" -> rate = Double.parseDouble(value);
                case "--workers" -> workers = Integer.parseInt(value);
                case "--only" -> only = operations(value);
                default -> throw new IllegalArgumentException("no such option: " + arguments[i - 1]);
            }
        }
        return new SoakOptions(Path.of(arguments[0]), Path.of(arguments[1]), seconds, seed, rate, workers, only, json);
    }

    private static Set<Operation> operations(String names) {
        Set<Operation> found = EnumSet.noneOf(Operation.class);
        for (String name : names.split(",")) {
            found.add(Arrays.stream(Operation.values())
                    .filter(operation -> operation.toString().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "no such operation: " + name + "; there are " + Arrays.toString(Operation.values()))));
        }
        return found;
    }
}
