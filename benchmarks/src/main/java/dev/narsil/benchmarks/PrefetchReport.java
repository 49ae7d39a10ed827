package dev.narsil.benchmarks;

import dev.narsil.blockstore.StoreOptions;
import dev.narsil.gateway.http.CacheServer;
import dev.narsil.gateway.http.ServerOptions;
import dev.narsil.gateway.http.Services;
import dev.narsil.gateway.upstream.UpstreamLimits;
import dev.narsil.gateway.upstream.UpstreamOptions;
import dev.narsil.gateway.upstream.Upstreams;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** Prints what the narinfos of a closure cost a client directly and through Narsil, which fetches them ahead. */
public final class PrefetchReport {

    private static final int PATHS = 300;
    private static final int DEPTH = 12;
    private static final long LATENCY_MILLIS = 50;
    private static final int CONNECTIONS = 25;
    private static final int RUNS = 5;
    private static final int WARM_UPS = 4;

    /** For a JVM that has compiled nothing yet. */
    private static final UpstreamLimits PATIENT =
            UpstreamLimits.DEFAULT.withProbe(Duration.ofSeconds(30), Duration.ofSeconds(1));

    private PrefetchReport() {}

    /** A closure and what it is like. */
    private record Shape(String name, GeneratedClosure closure) {}

    /** Milliseconds: directly, through a Narsil that knows nothing, and through one that knows the closure. */
    private record Times(double direct, double cold, double known) {}

    /** Runs; {@code LATENCY_MILLIS} may be given. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        long latency = arguments.length > 0 ? Long.parseLong(arguments[0]) : LATENCY_MILLIS;
        List<Shape> shapes = List.of(
                new Shape("an environment of 120", GeneratedClosure.of(1, PATHS, DEPTH, 120, true)),
                new Shape("an application of 40", GeneratedClosure.of(2, PATHS, DEPTH, 40, true)),
                new Shape("a chain of layers", GeneratedClosure.of(3, PATHS, DEPTH, 10, false)));
        for (int i = 0; i < WARM_UPS; i++) {
            for (Shape shape : shapes) {
                measure(shape.closure(), 1, PATIENT);
            }
        }
        System.out.printf(
                "%d paths, %d ms a request, a client of %d connections, median of %d%n%n",
                PATHS, latency, CONNECTIONS, RUNS);
        System.out.printf(
                "%-24s %10s %10s %10s %7s %7s   %s%n",
                "", "direct ms", "cold ms", "known ms", "cold", "known", "levels");
        for (Shape shape : shapes) {
            Times[] runs = new Times[RUNS];
            for (int i = 0; i < RUNS; i++) {
                runs[i] = measure(shape.closure(), latency, UpstreamLimits.DEFAULT);
            }
            double direct =
                    median(Arrays.stream(runs).mapToDouble(Times::direct).toArray());
            double cold = median(Arrays.stream(runs).mapToDouble(Times::cold).toArray());
            double known = median(Arrays.stream(runs).mapToDouble(Times::known).toArray());
            System.out.printf(
                    "%-24s %10.0f %10.0f %10.0f %7.2f %7.2f   %s%n",
                    shape.name(),
                    direct,
                    cold,
                    known,
                    cold / direct,
                    known / direct,
                    shape.closure().levels());
        }
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static Times measure(GeneratedClosure closure, long latency, UpstreamLimits limits)
            throws IOException, InterruptedException {
        try (LatentCache cache = new LatentCache(closure.narInfos(), latency);
                TemporaryStore temporary = new TemporaryStore(StoreOptions.DEFAULT);
                Upstreams upstreams = Upstreams.start(
                        temporary.store(),
                        List.of(UpstreamOptions.parse("http://127.0.0.1:" + cache.port() + "?trusted-key="
                                + GeneratedClosure.key().toString().replace("+", "%2B"))),
                        limits);
                CacheServer server = CacheServer.start(
                        Services.of(temporary.store()).withUpstreams(upstreams),
                        ServerOptions.DEFAULT.withAddress("127.0.0.1", 0))) {
            double direct = fetch(cache.port(), closure);
            double cold = fetch(server.address().getPort(), closure);
            double known = fetch(server.address().getPort(), closure);
            return new Times(direct, cold, known);
        }
    }

    private static double fetch(int port, GeneratedClosure closure) throws IOException, InterruptedException {
        long began = System.nanoTime();
        int paths = ClosureClient.fetch(port, CONNECTIONS, closure.root());
        double millis = (System.nanoTime() - began) / 1e6;
        if (paths != closure.narInfos().size()) {
            throw new IOException(paths + " paths came of " + closure.narInfos().size());
        }
        return millis;
    }
}
