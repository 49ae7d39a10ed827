/** Tests of replication. */
@NullMarked
package dev.narsil.gateway.replicas;

import org.jspecify.annotations.NullMarked;
