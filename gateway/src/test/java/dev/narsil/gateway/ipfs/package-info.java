/** Tests of publishing in IPFS. */
@NullMarked
package dev.narsil.gateway.ipfs;

import org.jspecify.annotations.NullMarked;
