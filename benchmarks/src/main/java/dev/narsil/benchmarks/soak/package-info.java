/**
 * A seeded soak: a random mix of all that clients do to a binary cache, against a real {@code narsil serve} with upstreams of which
 * one is bad. {@link dev.narsil.benchmarks.soak.Soak} runs it, {@code benchmarks/soak} starts it.
 *
 * <p>All NARs are {@link dev.narsil.benchmarks.soak.Specimen}s: functions of the seed and a number, so that what must come back is
 * always known, and nothing has to be kept. They are a few templates with other store hashes in them: an endless supply of NARs that
 * nobody has seen, which takes a store next to no space.
 *
 * <p>{@link dev.narsil.benchmarks.soak.UploadLoad} uploads with the same client for {@code benchmarks/load}.
 */
@NullMarked
package dev.narsil.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
