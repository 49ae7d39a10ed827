/**
 * Who may do what: tokens, how they are stored, and the decision about one request.
 *
 * <p>{@link dev.narsil.gateway.access.Access} decides from memory and never blocks. {@link
 * dev.narsil.gateway.access.Tokens} holds the tokens of one store; what it creates or revokes is durable and in force
 * when the call returns.
 *
 * <h2>Tokens</h2>
 *
 * <pre>
 *   token    "narsil_" id "_" secret
 *   id       8 characters of Nix's base-32: 5 random bytes; not secret
 *   secret   52 characters of Nix's base-32: 32 random bytes
 * </pre>
 *
 * <p>What is stored is the SHA-256 of the whole token. Slow password hashes protect secrets that people choose, of
 * which there are few enough to try; a random secret of 256 bits cannot be guessed from a fast hash either, and a slow
 * one would let anybody keep the server busy with wrong tokens.
 *
 * <h2>Format, version 2</h2>
 *
 * <p>In table {@code TOKEN} the key is the id's 5 bytes. The value is a record of {@link dev.narsil.blockstore.codec}:
 *
 * <pre>
 *   token    kind 'T'
 *     5      id
 *     string name: 1 to 64 characters of A-Z a-z 0-9 . _ -
 *     u8     permissions: 1 = read, 2 = write, 4 = admin, 8 = pin; at least one
 *     varint when it was created, in seconds since 1970-01-01 UTC
 *     varint when it expires, likewise; 0 = never
 *     32     SHA-256 of the token
 * </pre>
 *
 * <h2>History</h2>
 *
 * <p>Version 1: first, without the permission pin. Tokens that lack it are still written so.
 *
 * <p>Version 2: tokens with the permission pin.
 */
@NullMarked
package dev.narsil.gateway.access;

import org.jspecify.annotations.NullMarked;
