/**
 * Binary caches to import from: a directory ({@code file:///dir}) or a web server ({@code http://}, {@code https://}),
 * and the
 * compressions their files come in.
 *
 * <p>A cache is {@code nix-cache-info}, a {@code <digest>.narinfo} for each path, and the files those name in {@code
 * URL},
 * relative to the root of the cache.
 */
@NullMarked
package dev.narsil.gateway.source;

import org.jspecify.annotations.NullMarked;
