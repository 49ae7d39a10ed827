/**
 * Stripping: the store-path digests of a NAR are replaced by zeros, and come back from a table.
 *
 * <h2>What a hole is, version {@code holes-1}</h2>
 *
 * <p>Over the raw bytes of a NAR (contents, names and targets alike; the grammar plays no part), let a <i>run</i> be a
 * maximal sequence of characters of {@code 0123456789abcdfghijklmnpqrsvwxyz}. Runs of exactly 32 characters are taken
 * in ascending order of their offset {@code x}; one is a hole if
 *
 * <ul>
 *   <li>(a) it stands right after {@code <store dir>/} and right before {@code -}, or
 *   <li>(b) it equals a digest that has a slot,
 * </ul>
 *
 * <p>and if there is room for it:
 *
 * <ul>
 *   <li>fewer than {@code 64 + x / 64} holes so far (integer division),
 *   <li>fewer than {@link dev.narsil.rewrite.strip.HoleTable#MAX_HOLES} holes so far, and
 *   <li>if its digest has no slot, fewer than {@link dev.narsil.rewrite.strip.SlotTable#MAX_SLOTS} slots so far.
 * </ul>
 *
 * <p>The digest of a hole gets the next slot, counted from 0, if it has none. A run that is no hole changes nothing: it
 * stays in the stripped NAR and gives no digest a slot. A run may touch the start or the end of the NAR; one that
 * touches the end is followed by no {@code -}, one without the whole store directory before it within the NAR is not
 * after it. Rules (a) and (b) look at the NAR, never at its stripped form.
 *
 * <p>The stripped NAR is the NAR with the 32 bytes of every hole set to zero. Together with the offsets and slots of
 * the holes and the digests of the slots it is the NAR again. Restoring never searches: zeros also occur
 * genuinely, as does the {@code eeee...} that nixpkgs writes in place of digests.
 *
 * <p>Slots are numbered by first occurrence, so that two NARs that differ in digests only give the same stripped NAR
 * and the same holes, whatever the order of their digests. The bounds are a function of the NAR alone and of what
 * stands before {@code x}, so that a stream can be stripped as it arrives; they keep the tables of a hostile NAR small
 * beside it.
 *
 * <h2>History</h2>
 *
 * <p>{@code holes-1}: first version.
 */
@NullMarked
package dev.narsil.rewrite.strip;

import org.jspecify.annotations.NullMarked;
