/** The client of Kubo's API by hand: {@link dev.narsil.benchmarks.kubo.KuboCommands} calls a daemon that runs. */
@NullMarked
package dev.narsil.benchmarks.kubo;

import org.jspecify.annotations.NullMarked;
