package dev.narsil.gateway.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/** The registry of all meters of a process: its memory, threads and files, and what others register. */
public final class Metrics implements AutoCloseable {

    /** What {@link #scrape} returns, in HTTP's terms. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();

    /** The registry refers weakly to what it reads. */
    private final Queue<LongSupplier> counted = new ConcurrentLinkedQueue<>();

    /** A registry with the meters of the process. */
    public Metrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        collections.bindTo(registry);
        gauge(
                "narsil.netty.direct.bytes",
                "Direct memory that the buffer pool of the network holds, in use or kept for use",
                () -> PooledByteBufAllocator.DEFAULT.metric().usedDirectMemory());
    }

    /**
     * Registers a count that only grows.
     *
     * @param name in Micrometer's form, with dots; Prometheus sees underscores and {@code _total}
     * @param value read at each scrape, by its thread; may block shortly
     * @param labels keys and values by turns, from closed sets
     */
    public void counter(String name, String help, LongSupplier value, String... labels) {
        counted.add(value);
        FunctionCounter.builder(name, value, LongSupplier::getAsLong)
                .description(help)
                .tags(labels)
                .register(registry);
    }

    /**
     * Registers a value that goes up and down.
     *
     * @param name in Micrometer's form, with dots
     * @param value read at each scrape, by its thread; may block shortly; NaN if it is not known
     * @param labels keys and values by turns, from closed sets
     */
    public void gauge(String name, String help, DoubleSupplier value, String... labels) {
        Gauge.builder(name, value::getAsDouble)
                .description(help)
                .tags(labels)
                .strongReference(true)
                .register(registry);
    }

    /** Makes the meters of the requests of one route and method, whose names are from closed sets. */
    public RequestMeters requests(String route, String method) {
        return new RequestMeters(registry, Tags.of("route", route, "method", method));
    }

    /** Reads all meters, as {@link #CONTENT_TYPE}. Blocks as long as what is registered does. */
    public byte[] scrape() {
        return registry.scrape().getBytes(StandardCharsets.UTF_8);
    }

    /** Ends the listening for garbage collections. */
    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
