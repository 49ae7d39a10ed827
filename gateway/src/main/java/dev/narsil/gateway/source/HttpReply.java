package dev.narsil.gateway.source;

/**
 * An answer to a GET, of which the body is still to be read.
 *
 * @param head its status and headers
 * @param body to be read to its end, discarded or closed
 */
public record HttpReply(HttpHead head, HttpBody body) {}
