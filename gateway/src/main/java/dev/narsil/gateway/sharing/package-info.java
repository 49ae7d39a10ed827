/**
 * What donations and subscriptions have in common: closures of store paths, walked by their references from the store
 * and from upstreams, and brought into the store; and records that users give names to.
 *
 * <p>{@link dev.narsil.gateway.sharing.PathSupply} is where paths come from that the store lacks. It goes through the
 * downloads of the running server, so that whatever source is quickest wins for these as for clients.
 */
@NullMarked
package dev.narsil.gateway.sharing;

import org.jspecify.annotations.NullMarked;
