/**
 * The HTTP side of a substituter: {@code nix-cache-info}, narinfos, NARs and listings over HTTP/1.1.
 *
 * <p>Narinfos come out of a byte-weighted cache on the event loop. A NAR response runs on a virtual thread of its own,
 * which reads the store and hands whole buffers to the event loop, never more than {@link BodyWriter#WINDOW_BYTES}
 * ahead of the client. Nothing of a NAR is sent before its first bytes were read, its last bytes only after its hash
 * was found right, and a response that cannot be finished ends with a connection reset, never with a clean end.
 */
@NullMarked
package dev.narsil.gateway.http;

import org.jspecify.annotations.NullMarked;
