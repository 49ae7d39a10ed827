/**
 * A client that does to a cache what Nix 2.35 and later do and Nix 2.8 does not, and insists on the rules.
 *
 * <p>{@link dev.narsil.benchmarks.newer.NewerClient} runs the scenes; {@code benchmarks/newer-client} starts it. A rule that
 * the cache breaks ends it with status 1 and says which.
 */
@NullMarked
package dev.narsil.benchmarks.newer;

import org.jspecify.annotations.NullMarked;
