/**
 * Import: the NARs of other binary caches into a store, verified and in parallel.
 *
 * <p>For each path: one that is known is skipped. Else the first cache that has its narinfo gives it; a trusted key
 * must have
 * signed it; a NAR that is stored already is not fetched; any other is fetched, decompressed, and taken in if the file
 * has the
 * announced {@code FileHash} and {@code FileSize} and the NAR the announced {@code NarHash} and {@code NarSize}. A
 * path counts
 * as imported once it is durable. What goes wrong with one path is reported and does not stop the others.
 */
@NullMarked
package dev.narsil.gateway.importer;

import org.jspecify.annotations.NullMarked;
