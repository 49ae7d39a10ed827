/** Tests of pinning for others. */
@NullMarked
package dev.narsil.gateway.pinning;

import org.jspecify.annotations.NullMarked;
