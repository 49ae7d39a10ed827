/**
 * Pinning: the IPFS Pinning Service API, and the service by which this server keeps for others what they ask it to.
 *
 * <p>{@link dev.narsil.gateway.pinning.PinService} is the service. Who has a token of the right {@code pin} asks it to
 * keep what is below a CID; a Kubo daemon fetches that and pins it. {@link dev.narsil.gateway.pinning.Pin}, {@link
 * dev.narsil.gateway.pinning.PinStatus}, {@link dev.narsil.gateway.pinning.PinResults} and {@link
 * dev.narsil.gateway.pinning.PinQuery} are the objects of the API (version 1.0.0 of
 * github.com/ipfs/pinning-services-api-spec), read strictly and within bounds.
 *
 * <p>A request belongs to the token it came with, and is never shown to another. What a token may keep is bounded: by
 * bytes of blocks, each request for itself, and by requests. While a request is fetched it is given up as soon as it
 * is larger than what is left; when it is there, its blocks are counted. Fetching that gets no further is repeated a
 * few times with growing pauses; a daemon that is not there is waited for.
 *
 * <p>A daemon has one pin of a CID, whoever wanted it. So a pin is taken away only when no other request wants it, it
 * was not there before the first request, and no path published here has it as its manifest. {@link
 * dev.narsil.gateway.pinning.RequestedPins} tells those who publish, so that they leave a pin that a request wants; it
 * then belongs to the request.
 *
 * <h2>Format, version 1</h2>
 *
 * <p>In table {@code PIN_REQUEST} the key is the id of the request: 8 bytes, when it was made in milliseconds since
 * 1970-01-01T00:00:00Z, big endian, which no two requests of a store share; then 8 random bytes. In the API the id is
 * written in 32 hexadecimal digits. The value is a record of {@link dev.narsil.blockstore.codec}:
 *
 * <pre>
 *   pin request  kind 'Q'
 *     16         id
 *     string     id of the token it came with
 *     u8         state: 0 = queued, 1 = pinning, 2 = pinned, 3 = failed, 4 = removed
 *     u8         1 if the daemon had pinned the CID before any request, and not as one published here, else 0
 *     varint     bytes of the blocks below the CID; 0 while that is not known
 *     varint     length of the CID, then the CID in its binary form
 *     string     name; may be empty
 *     varint     number of origins, then a string each
 *     varint     number of entries of meta, then key and value each, strings, in ascending order of keys
 *     string     why it is in its state; may be empty
 *     varint     0 or 16, then the id of the request that it replaces, whose pin goes when this one is settled
 * </pre>
 *
 * <p>A request that was begun stays in state 1 until it is settled, however often it is tried, as a pin that is found at
 * the daemon may be its own from then on. One that is removed stays as such until the daemon has pinned its CID no
 * longer.
 *
 * <h2>History</h2>
 *
 * <p>Version 1: first.
 */
@NullMarked
package dev.narsil.gateway.pinning;

import org.jspecify.annotations.NullMarked;
