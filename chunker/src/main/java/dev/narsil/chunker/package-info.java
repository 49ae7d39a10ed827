/**
 * Content-defined chunking: where to cut a byte stream so that equal stretches of two streams become equal blocks.
 *
 * <h2>The cut rule, version {@code gear-1}</h2>
 *
 * <p>The hash of a position is {@code h = (h << 1) + GEAR[b & 0xff]} over the bytes before it, so only the last 64
 * bytes count. {@code GEAR} holds 256 longs made by SplitMix64 from seed {@code 0x4e617273696c2031} ("Narsil 1").
 * Within a block of parameters {@code min}, {@code average}, {@code max}, with {@code bits = log2(average)}:
 *
 * <pre>
 *   at lengths in [min, average):  cut where the top (bits + 2) bits of h are zero
 *   at lengths in [average, max):  cut where the top (bits - 2) bits of h are zero
 *   at length max:                 cut
 * </pre>
 *
 * <p>The hash is warmed over the 64 bytes that end at {@code min}, so a cut depends on content alone and never on where
 * the block began. The last block of a stream may be shorter than {@code min}.
 *
 * <p>The rule, the table and the parameters are part of the stored format. {@code ChunkerGoldenTest} pins them.
 *
 * <h2>Sources</h2>
 *
 * <p>Xia et al., "FastCDC", USENIX ATC 2016 (normalised chunking); top-bit masks instead of the paper's spread masks,
 * which let the full 64-byte window take part.
 *
 * <h2>History</h2>
 *
 * <p>{@code gear-1}: first version.
 */
@NullMarked
package dev.narsil.chunker;

import org.jspecify.annotations.NullMarked;
