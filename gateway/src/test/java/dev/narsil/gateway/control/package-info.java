/** Tests of the control protocol. */
@NullMarked
package dev.narsil.gateway.control;

import org.jspecify.annotations.NullMarked;
