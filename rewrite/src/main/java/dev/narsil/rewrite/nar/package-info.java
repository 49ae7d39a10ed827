/** The NAR grammar: a strict streaming parser and a writer. */
@NullMarked
package dev.narsil.rewrite.nar;

import org.jspecify.annotations.NullMarked;
