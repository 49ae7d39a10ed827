/**
 * The binary caches in front of which Narsil stands: who has what is not stored, and how to get it from there.
 *
 * <p>{@link dev.narsil.gateway.upstream.Upstreams} is the way in. A narinfo that is not stored is searched for at the
 * upstreams in the order of their priority, with a hedge: the next one is asked as well when the one before has not
 * answered within the time it usually takes. Only narinfos that a key trusted for that upstream has signed count. An
 * upstream that does not answer is not asked for a while, by its circuit breaker. The references of what was found
 * are fetched ahead.
 *
 * <p>Only statuses 404, 410 and 403 of every upstream make a path absent, for half an hour; no failure, time-out or
 * open breaker does.
 *
 * <p>Where NARs are fetched from IPFS, {@link dev.narsil.gateway.upstream.PathsInIpfs} is asked too when no upstream has a
 * path; a narinfo counts whose only URL is one of IPFS; and one that tells a CID stays known while its upstream does not
 * answer.
 *
 * <h2>Formats, version 1</h2>
 *
 * <p>What upstreams have is remembered in the table {@code REMOTE}, as records of {@link
 * dev.narsil.blockstore.codec}, so that the URL of a NAR that a client was given can be answered for 60 days:
 *
 * <pre>
 *   key               value
 *   digest, 20 bytes  remote path
 *   NarHash, 32       path of a remote NAR
 *
 *   remote path           kind 'U'
 *     varint              when the narinfo came, in seconds since 1970-01-01T00:00:00Z
 *     string              URL of the upstream, without credentials and without a slash at its end; "ipfs" if what is
 *                         said of the path came from there
 *     varint              length of the narinfo
 *     bytes               the narinfo as it came, without a coding of the transfer; so are the CIDs it tells
 *
 *   path of a remote NAR  kind 'V'
 *     varint              when its narinfo came, as above
 *     20                  digest of the path
 * </pre>
 *
 * <h2>History</h2>
 *
 * <p>Version 1: first. A reader that does not know "ipfs" takes such a record for one of an upstream that is not asked any
 * more.
 */
@NullMarked
package dev.narsil.gateway.upstream;

import org.jspecify.annotations.NullMarked;
