/**
 * What the parts of Narsil do a second, and what the whole stores of a real cache.
 *
 * <p>{@link dev.narsil.benchmarks.BenchmarkRun} runs the JMH benchmarks of this package over real bytes and prints MB/s;
 * {@link dev.narsil.benchmarks.RatioReport} imports a binary cache generation after generation and prints what each added.
 * {@code benchmarks/run} and {@code benchmarks/ratio} start them. {@link dev.narsil.benchmarks.FlakyProxy} is a bad network
 * ({@code benchmarks/flaky-proxy}), {@link dev.narsil.benchmarks.PullClient} times NARs that are pulled through ({@code
 * benchmarks/pull}).
 */
@NullMarked
package dev.narsil.benchmarks;

import org.jspecify.annotations.NullMarked;
