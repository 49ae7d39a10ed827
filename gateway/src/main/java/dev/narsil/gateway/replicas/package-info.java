/**
 * Replication: how many copies of published paths others are to keep, who is asked for them, and whether they have them.
 *
 * <p>{@link dev.narsil.gateway.replicas.Wishes} are what is wanted of each path. A {@link
 * dev.narsil.gateway.replicas.ReplicaRound} looks at all of them once: it asks the {@link
 * dev.narsil.gateway.replicas.Donors} what they have, takes samples, and asks for what is missing. A {@link
 * dev.narsil.gateway.replicas.ReplicaSchedule} runs rounds now and then. What is asked for is the manifest of a path, so
 * only published paths, which a trusted key has signed, ever have copies.
 *
 * <p>Donors are pinning services (the API of {@link dev.narsil.gateway.pinning}) and clusters (the REST API of
 * ipfs-cluster 1.1: {@code POST}, {@code GET} and {@code DELETE /pins/{cid}}). The own daemon counts as one copy while it
 * has the manifest pinned. A donor is not believed:
 *
 * <ul>
 *   <li>Where a trustless gateway of the donor is known, a copy counts only if blocks of the path, drawn at random from
 *       what the store says they are, come from there with the right bytes. It is asked with {@code Cache-Control:
 *       only-if-cached}, so that it does not get them from here.
 *   <li>Else the copy counts as claimed, and is shown so; whether the addresses the donor gave are among those that
 *       the network names for the manifest is told beside it.
 * </ul>
 *
 * <p>Of those who may be asked, the one with the fewest bytes is. What was asked for and has not come within a day, has
 * failed, or is not there when a sample is taken is asked for elsewhere. Requests to one donor are paced, repeated a few
 * times with growing pauses, or after the time it asks for; a donor that then still fails is left alone until the next
 * round, and what was known of its copies stays.
 *
 * <h2>Format, version 1</h2>
 *
 * <p>In table {@code REPLICA} the key is the digest of the path, 20 bytes. The value is a record of {@link
 * dev.narsil.blockstore.codec}; times are in seconds since 1970-01-01T00:00:00Z, and 0 for never:
 *
 * <pre>
 *   wish       kind 'D'
 *     varint   copies that are wanted, at most 100; 0 while those there are go
 *     varint   bytes of the NAR
 *     varint   when a round looked at it last
 *     u8       1 if the own daemon had it pinned then, else 0
 *     varint   length of the CID of the manifest that was asked for, then the CID in its binary form; 0 for none
 *     varint   number of donors that were asked, then for each
 *       string its name
 *       string the id of the request there; may be empty
 *       u8     state: 0 = asked, 1 = claimed, 2 = verified, 3 = lost, 4 = failed
 *       varint copies that it was asked for, at least 1
 *       varint copies that it says it has
 *       varint when it was asked
 *       varint when blocks last came from it
 *       string what more there is to say; may be empty
 * </pre>
 *
 * <h2>History</h2>
 *
 * <p>Version 1: first.
 */
@NullMarked
package dev.narsil.gateway.replicas;

import org.jspecify.annotations.NullMarked;
