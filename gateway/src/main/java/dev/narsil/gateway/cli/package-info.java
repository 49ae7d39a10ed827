/** The command line: what a user types, and what is printed in answer. */
@NullMarked
package dev.narsil.gateway.cli;

import org.jspecify.annotations.NullMarked;
