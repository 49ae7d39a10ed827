/** Tests of donations. */
@NullMarked
package dev.narsil.gateway.donate;

import org.jspecify.annotations.NullMarked;
