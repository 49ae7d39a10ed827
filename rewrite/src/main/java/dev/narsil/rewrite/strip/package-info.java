/** Stripping: store-path digests leave a NAR, and come back. */
@NullMarked
package dev.narsil.rewrite.strip;

import org.jspecify.annotations.NullMarked;
