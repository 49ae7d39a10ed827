@NullMarked
package dev.narsil.gateway.ipfs.fetch;

import org.jspecify.annotations.NullMarked;
