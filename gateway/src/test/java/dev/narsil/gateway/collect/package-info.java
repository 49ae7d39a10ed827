@NullMarked
package dev.narsil.gateway.collect;

import org.jspecify.annotations.NullMarked;
