package dev.narsil.gateway.kubo;

import dev.narsil.blockstore.ipfs.car.CarWriter;
import java.io.IOException;

/** Writes the blocks of a CAR. */
@FunctionalInterface
public interface CarProducer {

    /**
     * Writes all blocks, on the thread of the caller; writing waits while the daemon is slower.
     *
     * @throws IOException if they cannot be had, or writing failed: the import then fails too
     */
    void writeTo(CarWriter car) throws IOException;
}
