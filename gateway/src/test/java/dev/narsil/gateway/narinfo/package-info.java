/** Tests of narinfos and signatures. */
@NullMarked
package dev.narsil.gateway.narinfo;

import org.jspecify.annotations.NullMarked;
