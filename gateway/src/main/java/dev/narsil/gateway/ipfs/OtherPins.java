package dev.narsil.gateway.ipfs;

import dev.narsil.blockstore.ipfs.cid.Cid;
import java.io.IOException;

/**
 * What else is kept on the daemon that paths are published on. A daemon has one pin of a CID, whoever wanted it, so who
 * takes one away asks this first. Safe for use by many threads.
 */
@FunctionalInterface
public interface OtherPins {

    /** Nothing. */
    OtherPins NONE = (cid, unpin) -> {
        unpin.run();
        return true;
    };

    /** Takes a pin away. */
    @FunctionalInterface
    interface Unpin {
        void run() throws IOException;
    }

    /**
     * Runs {@code unpin} unless something else wants the CID pinned, which nothing comes to do meanwhile.
     *
     * @return whether it ran
     */
    boolean unlessWanted(Cid cid, Unpin unpin) throws IOException;
}
