package dev.narsil.benchmarks.soak;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Measures a server process again and again, and tells whether it has grown. Needs Linux and the JDK's {@code jcmd}. */
final class Sampler {

    private static final double MEGA = 1e6;
    private static final int COMMAND_SECONDS = 60;

    /** The parts of a soak that are compared, of so many: the second, which is warm, and the last. */
    private static final int PARTS = 5;

    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+([0-9]+) kB");
    private static final Pattern THREADS = Pattern.compile("(?m)^Threads:\\s+([0-9]+)");
    private static final Pattern HEAP = Pattern.compile("heap .*used ([0-9]+)K");
    private static final Pattern COMMITTED = Pattern.compile("heap .*committed ([0-9]+)K");

    private final long pid;
    private final CacheClient client;
    private final List<Map<Measure, Double>> samples = new ArrayList<>();

    /** Samples the process with this id, whose meters {@code client} can ask for. */
    Sampler(long pid, CacheClient client) {
        this.pid = pid;
        this.client = client;
    }

    /**
     * The development of one measure.
     *
     * @param early median of the second fifth
     * @param late median of the last fifth
     * @param allowed what it may be
     */
    record Trend(Measure measure, double first, double early, double late, double last, double most, double allowed) {
        boolean isFlat() {
            return late <= allowed;
        }
    }

    /** Measures once, after a full collection. */
    void sample() throws IOException, InterruptedException {
        Map<Measure, Double> sample = new EnumMap<>(Measure.class);
        jcmd("GC.run");
        String heap = jcmd("GC.heap_info");
        put(sample, Measure.HEAP, HEAP, heap, 1024 / MEGA);
        String status = Files.readString(Path.of("/proc", Long.toString(pid), "status"));
        put(sample, Measure.RESIDENT, RESIDENT, status, 1024 / MEGA);
        Matcher committed = COMMITTED.matcher(heap);
        if (committed.find() && sample.containsKey(Measure.RESIDENT)) {
            double heapMb = Double.parseDouble(committed.group(1)) * 1024 / MEGA;
            sample.put(Measure.NATIVE, sample.get(Measure.RESIDENT) - heapMb);
        }
        put(sample, Measure.THREADS, THREADS, status, 1);
        try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            sample.put(Measure.FILES, (double) files.count());
        }
        Answer metrics = client.request("GET", "/metrics", List.of());
        if (metrics.status() == 200) {
            String text = new String(metrics.body(), StandardCharsets.UTF_8);
            put(sample, Measure.DIRECT, text, "jvm_buffer_memory_used_bytes{id=\"direct\"");
            put(sample, Measure.NETTY, text, "narsil_netty_direct_bytes");
            put(sample, Measure.ROCKSDB, text, "narsil_rocksdb_memory_bytes");
        }
        synchronized (samples) {
            samples.add(sample);
        }
    }

    private static void put(Map<Measure, Double> sample, Measure measure, Pattern pattern, String text, double unit) {
        Matcher matcher = pattern.matcher(text);
        if (matcher.find()) {
            sample.put(measure, Double.parseDouble(matcher.group(1)) * unit);
        }
    }

    /** Adds up the values of all lines of a meter. */
    private static void put(Map<Measure, Double> sample, Measure measure, String text, String start) {
        double sum = 0;
        boolean found = false;
        for (String line : text.split("\n")) {
            if (line.startsWith(start)) {
                sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
                found = true;
            }
        }
        if (found) {
            sample.put(measure, sum / MEGA);
        }
    }

    private String jcmd(String command) throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process process = new ProcessBuilder(jcmd, Long.toString(pid), command)
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException("jcmd " + command + ": " + out);
        }
        return out;
    }

    int size() {
        synchronized (samples) {
            return samples.size();
        }
    }

    /** Returns the trends of all that was measured in a soak of so many seconds. */
    List<Trend> trends(int seconds) {
        List<Trend> trends = new ArrayList<>();
        synchronized (samples) {
            for (Measure measure : Measure.values()) {
                List<Double> values = samples.stream()
                        .map(sample -> sample.get(measure))
                        .filter(value -> value != null)
                        .toList();
                int part = values.size() / PARTS;
                if (part > 0) {
                    double early = median(values.subList(part, 2 * part));
                    trends.add(new Trend(
                            measure,
                            values.getFirst(),
                            early,
                            median(values.subList(values.size() - part, values.size())),
                            values.getLast(),
                            max(values).orElse(0),
                            measure.most(early, seconds)));
                }
            }
        }
        return trends;
    }

    private static OptionalDouble max(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).max();
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
