/** Stores, NARs and failures for the tests of this module. */
@NullMarked
package dev.narsil.blockstore.testing;

import org.jspecify.annotations.NullMarked;
