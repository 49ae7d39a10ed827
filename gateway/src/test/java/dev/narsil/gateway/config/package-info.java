/** Tests of the configuration. */
@NullMarked
package dev.narsil.gateway.config;

import org.jspecify.annotations.NullMarked;
