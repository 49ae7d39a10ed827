/** Makers of NARs, good and bad, for the tests of every module. */
@NullMarked
package dev.narsil.rewrite.testing;

import org.jspecify.annotations.NullMarked;
