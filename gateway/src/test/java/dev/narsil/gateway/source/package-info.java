/** Tests of binary caches to import from. */
@NullMarked
package dev.narsil.gateway.source;

import org.jspecify.annotations.NullMarked;
