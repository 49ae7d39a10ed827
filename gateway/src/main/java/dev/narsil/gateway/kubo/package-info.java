/**
 * A client of the RPC API of Kubo, the usual IPFS daemon: what publishing NARs there and fetching them takes. Tried
 * with Kubo 0.43.0.
 *
 * <p>Every call is a {@code POST} of {@code /api/v0/<command>?arg=...&option=value&timeout=<n>ms}. The answer is one
 * JSON object, JSON objects in lines, or the bytes of a block. All methods block, so they are for virtual threads or a
 * caller's own, never for event loops; interrupting the thread closes the connection, on which Kubo gives up the
 * command.
 *
 * <p>A status of 200 says little, so it is not trusted:
 *
 * <ul>
 *   <li>An error after the first byte of output is told only in the trailer {@code X-Stream-Error}.
 *   <li>A {@code timeout} that Go does not understand makes an empty 200 without a content type; so do commands that
 *       never ran.
 *   <li>{@code dag/import} tells that a pin failed only by {@code PinErrorMsg}, and that blocks are missing only by too
 *       low a {@code BlockCount}.
 *   <li>{@code dag/import} and {@code pin/add} wait for ever for a block that nobody has, and {@code pin/add} sometimes
 *       stops over Bitswap although somebody has it: every call has a {@code timeout} and, in case the
 *       daemon hangs, a deadline of ours; pinning is watched, cancelled and repeated.
 *   <li>A block is compared with its CID when it has come.
 * </ul>
 *
 * <p>Sources: commands of Kubo 0.43.0 ({@code core/commands}) and its HTTP layer (go-ipfs-cmds 0.16.1,
 * {@code http/handler.go}, {@code http/responseemitter.go}).
 */
@NullMarked
package dev.narsil.gateway.kubo;

import org.jspecify.annotations.NullMarked;
