/** Tests of the binary caches that are asked for what is not stored. */
@NullMarked
package dev.narsil.gateway.upstream;

import org.jspecify.annotations.NullMarked;
