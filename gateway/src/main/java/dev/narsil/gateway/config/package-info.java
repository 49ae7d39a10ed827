/** How a server is set up: the settings there are, and where their values come from. */
@NullMarked
package dev.narsil.gateway.config;

import org.jspecify.annotations.NullMarked;
