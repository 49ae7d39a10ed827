/** Tests of subscriptions. */
@NullMarked
package dev.narsil.gateway.subscribe;

import org.jspecify.annotations.NullMarked;
