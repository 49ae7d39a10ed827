package dev.narsil.gateway.kubo;

import dev.narsil.blockstore.ipfs.cid.Cid;
import java.io.IOException;

/** Says that what is below a CID has more bytes than it may. */
public final class DagTooLargeException extends IOException {

    private static final long serialVersionUID = 1L;

    DagTooLargeException(Cid root, long maxBytes) {
        super("pin/add: " + root + " has more than " + maxBytes + " bytes");
    }
}
