/**
 * What a server measures of itself, as Prometheus reads it.
 *
 * <p>{@link dev.narsil.gateway.metrics.Metrics} owns the registry. Those who count keep their own counters and hand
 * over how to read them; what needs a histogram gets it from here, made before the first request and cheap to record.
 * A label has few values, all known when the program is written or configured: never a store path, a hash, a token or
 * anything else of a request.
 */
@NullMarked
package dev.narsil.gateway.metrics;

import org.jspecify.annotations.NullMarked;
