package dev.narsil.benchmarks;

import java.io.IOException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs the benchmarks and prints MB/s (10^6 bytes a second): the median of the iterations, the slowest and the fastest one, and
 * what each benchmark is for.
 */
public final class BenchmarkRun {

    private static final List<Class<?>> BENCHMARKS = List.of(
            ChunkerBenchmark.class,
            StripperBenchmark.class,
            RestorerBenchmark.class,
            NarParserBenchmark.class,
            PackBenchmark.class,
            PackGetBenchmark.class,
            IngestBenchmark.class,
            ServeBenchmark.class);

    private static final String USAGE = "usage: benchmarks/run [quick] [NAME...]   (all: benchmarks/run list)";

    private BenchmarkRun() {}

    /** Runs {@code [quick] [NAME...]}; a name is a part of a benchmark's. Without one all run. */
    public static void main(String[] arguments) throws IOException, RunnerException {
        List<String> names = new ArrayList<>(List.of(arguments));
        if (names.contains("list")) {
            methods().forEach(method -> System.out.println(row(method.getName(), "", "", purpose(method))));
            return;
        }
        boolean quick = names.remove("quick");
        List<Method> chosen = methods().stream()
                .filter(method -> names.isEmpty() || names.stream().anyMatch(method.getName()::contains))
                .toList();
        if (chosen.isEmpty()) {
            System.err.println("no benchmark is called " + String.join(" or ", names) + "\n" + USAGE);
            System.exit(2);
        }
        System.out.println("data: " + NarData.load().description());
        System.out.println(
                "JDK " + Runtime.version() + ", " + Runtime.getRuntime().availableProcessors() + " cores, "
                        + (quick ? "quick: 1 fork of 1 + 3 seconds" : "2 forks of 3 x 2 + 5 x 3 seconds"));
        System.out.println();
        System.out.println(row("benchmark", "MB/s", "range", "purpose"));
        for (Method method : chosen) {
            System.out.println(measure(method, quick));
        }
    }

    private static List<Method> methods() {
        return BENCHMARKS.stream()
                .flatMap(type -> List.of(type.getDeclaredMethods()).stream())
                .filter(method -> method.isAnnotationPresent(Purpose.class))
                .sorted((a, b) -> {
                    int byClass = Integer.compare(
                            BENCHMARKS.indexOf(a.getDeclaringClass()), BENCHMARKS.indexOf(b.getDeclaringClass()));
                    return byClass != 0 ? byClass : a.getName().compareTo(b.getName());
                })
                .toList();
    }

    private static String measure(Method method, boolean quick) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(
                        "^" + method.getDeclaringClass().getName().replace(".", "\\.") + "\\." + method.getName() + "$")
                .mode(Mode.Throughput)
                .timeUnit(TimeUnit.SECONDS)
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .jvmArgs(
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+UseCompactObjectHeaders",
                        "-Xmx1g",
                        "-XX:MaxDirectMemorySize=256m");
        if (quick) {
            options.forks(1)
                    .warmupIterations(1)
                    .warmupTime(TimeValue.seconds(1))
                    .measurementIterations(3)
                    .measurementTime(TimeValue.seconds(1));
        } else {
            options.forks(2)
                    .warmupIterations(3)
                    .warmupTime(TimeValue.seconds(2))
                    .measurementIterations(5)
                    .measurementTime(TimeValue.seconds(3));
        }
        double[] perSecond = new Runner(options.build())
                .run().stream()
                        .flatMap(result -> result.getBenchmarkResults().stream())
                        .flatMap(fork -> fork.getIterationResults().stream())
                        .mapToDouble(iteration ->
                                iteration.getSecondaryResults().get("bytes").getScore())
                        .sorted()
                        .toArray();
        return row(
                method.getName(),
                megabytes(perSecond[perSecond.length / 2]),
                megabytes(perSecond[0]) + " - " + megabytes(perSecond[perSecond.length - 1]),
                purpose(method));
    }

    private static String megabytes(double bytes) {
        return String.format(Locale.ROOT, "%.0f", bytes / 1e6);
    }

    private static String purpose(Method method) {
        Purpose purpose = method.getAnnotation(Purpose.class);
        return purpose.value() + (purpose.target() == 0 ? "" : " (target: " + purpose.target() + ")");
    }

    private static String row(String name, String score, String error, String purpose) {
        return String.format(Locale.ROOT, "%-18s %8s  %-15s %s", name, score, error, purpose);
    }
}
