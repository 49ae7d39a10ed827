/**
 * NARs on their way from an upstream to clients and into the store.
 *
 * <p>One download serves all clients that want its NAR. Its bytes go into a spool file, from which every client reads at
 * its own pace, from any offset. The last bytes of what a client wants, the NAR or a range, are withheld until the NarHash
 * is right. The ingest into the store is one more reader of the spool file, so neither it nor a slow client holds up the
 * others.
 *
 * <p>A connection that breaks off is continued where it did ({@code WireFile}), one that cannot be is replaced by another
 * holder at the same offset of the NAR ({@code Download}). Who of several was wrong cannot be told; a NAR that came wrong
 * from several is had from one alone the next time, and what came is compared with it then ({@code EarlierRemains}). When
 * nothing is left, readers fail, the file is gone and the
 * store has nothing of it.
 */
@NullMarked
package dev.narsil.gateway.download;

import org.jspecify.annotations.NullMarked;
