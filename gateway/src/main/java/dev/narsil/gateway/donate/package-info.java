/**
 * Donations: closures that a server publishes in IPFS, on its Kubo daemon, and sees to that they stay there.
 *
 * <p>{@link dev.narsil.gateway.donate.Donations} holds them; {@link dev.narsil.gateway.donate.DonationSchedule} checks
 * all of them now and then, by a {@link dev.narsil.gateway.donate.DonationCheck}. A check decides first, without sending
 * anything, which donations are within their bounds; what no donation wants any more is taken back next; then the
 * others are published, each path unless the daemon still keeps it. A donation is taken as a whole or not at all.
 *
 * <p>Every path goes through {@link dev.narsil.gateway.ipfs.IpfsPublisher}, which sends nothing of a path that no key of
 * the list of public keys has signed. A closure with such a path is refused, unless its donor said to leave such paths
 * out. A donated path that loses its signature, or whose key is taken off the list, is taken back at the next check.
 *
 * <p>A path that was in IPFS only for donations has a mark, so that what a user published stays when a donation ends.
 * The mark is there before the path is published, and gone when a user publishes it.
 *
 * <h2>Formats, version 1</h2>
 *
 * <p>In table {@code DONATION}, as records of {@link dev.narsil.blockstore.codec}:
 *
 * <pre>
 *   key                          value
 *   'D', then the name in ASCII  donation
 *   'G', then a digest, 20       donated path
 *
 *   donation    kind 'D'
 *     string    name: 1 to 64 characters of A-Z a-z 0-9 . _ -
 *     varint    number of store paths, at least 1
 *     each:
 *       string  base name of a store path
 *     varint    most bytes of NAR
 *     u8        1 = paths that are not public are left out, 0 = they are not
 *     varint    most bytes a second that are sent to the daemon; 0 = as fast as it takes them
 *     varint    most peers the daemon shall have; 0 = its own matter
 *     varint    when it was made, in seconds since 1970-01-01T00:00:00Z
 *     u8        how the last check went: 0 = there was none, 1 = kept, 2 = some paths cannot be had, 3 = some paths are
 *               not public, 4 = too large, 5 = all together are too large, 6 = failed
 *     varint    when that was, likewise; 0 = there was none
 *     varint    number of paths it keeps
 *     varint    paths that are left out, as they are not public
 *     varint    bytes of NAR of those it keeps
 *     varint    number of paths the check had to publish
 *     string    what was wrong; empty for nothing; at most 1000 characters
 *
 *   donated path  kind 'G'
 *     varint      when it was marked, likewise
 * </pre>
 *
 * <h2>History</h2>
 *
 * <p>Version 1: first.
 */
@NullMarked
package dev.narsil.gateway.donate;

import org.jspecify.annotations.NullMarked;
