/** Tests of the import. */
@NullMarked
package dev.narsil.gateway.importer;

import org.jspecify.annotations.NullMarked;
