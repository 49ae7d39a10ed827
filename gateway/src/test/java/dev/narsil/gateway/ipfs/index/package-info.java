@NullMarked
package dev.narsil.gateway.ipfs.index;

import org.jspecify.annotations.NullMarked;
