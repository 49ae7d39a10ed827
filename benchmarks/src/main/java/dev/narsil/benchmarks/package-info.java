/**
 * What the parts of Narsil do a second, and what the whole stores of a real cache.
 *
 * <p>{@link dev.narsil.benchmarks.BenchmarkRun} runs the JMH benchmarks of this package over real bytes and prints MB/s;
 * {@link dev.narsil.benchmarks.RatioReport} imports a binary cache generation after generation and prints what each added.
 * {@code benchmarks/run} and {@code benchmarks/ratio} start them.
 */
@NullMarked
package dev.narsil.benchmarks;

import org.jspecify.annotations.NullMarked;
