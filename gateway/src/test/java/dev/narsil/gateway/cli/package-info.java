/** Tests of the command line and of the launcher. */
@NullMarked
package dev.narsil.gateway.cli;

import org.jspecify.annotations.NullMarked;
