/** Tests about all modules. */
@NullMarked
package dev.narsil;

import org.jspecify.annotations.NullMarked;
