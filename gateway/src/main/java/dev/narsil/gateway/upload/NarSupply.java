package dev.narsil.gateway.upload;

import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.time.Duration;

/** Brings NARs into the store that are not there but can be had. */
public interface NarSupply {

    /** There are no others. */
    NarSupply NONE = (narHash, patience) -> false;

    /**
     * Returns when the NAR is stored for good; false if it cannot be had.
     *
     * @throws IOException if it is not stored, also because {@code patience} is at its end
     */
    boolean bring(Sha256 narHash, Duration patience) throws IOException, InterruptedException;
}
