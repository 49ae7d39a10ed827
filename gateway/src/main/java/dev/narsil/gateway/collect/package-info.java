/**
 * When garbage is collected, and what that means for a cache: NARs that were uploaded and never claimed by a narinfo go after a day,
 * and what uploads that were cut have left behind goes with them.
 */
@NullMarked
package dev.narsil.gateway.collect;

import org.jspecify.annotations.NullMarked;
