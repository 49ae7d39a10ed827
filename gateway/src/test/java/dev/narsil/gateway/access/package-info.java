@NullMarked
package dev.narsil.gateway.access;

import org.jspecify.annotations.NullMarked;
