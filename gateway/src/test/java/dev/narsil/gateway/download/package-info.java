/** Tests of downloads against web servers that misbehave. */
@NullMarked
package dev.narsil.gateway.download;

import org.jspecify.annotations.NullMarked;
