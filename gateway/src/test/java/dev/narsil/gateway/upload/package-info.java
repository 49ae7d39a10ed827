/** Tests of what clients put into a cache. */
@NullMarked
package dev.narsil.gateway.upload;

import org.jspecify.annotations.NullMarked;
