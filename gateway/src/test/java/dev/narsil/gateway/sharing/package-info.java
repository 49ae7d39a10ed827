/** Fixtures and tests of what donations and subscriptions have in common. */
@NullMarked
package dev.narsil.gateway.sharing;

import org.jspecify.annotations.NullMarked;
