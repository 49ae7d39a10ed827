package dev.narsil.gateway.replicas;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.pinning.Pin;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/** Somebody who keeps copies when asked to. Methods block, repeat what may help, and throw {@link DonorException}. */
interface Donor {

    /** Where it is and what is known of it. */
    DonorOptions options();

    /** Begins a round, in which these may be looked for. */
    void begin(Set<Cid> wanted) throws IOException;

    /** Returns what it says of a CID, at the latest since the round began; empty if it was not asked for it. */
    Optional<Holding> look(Cid cid) throws IOException;

    /** Asks it to keep so many copies, which is 1 where it keeps one of everything. */
    Holding ask(Pin pin, int copies) throws IOException;

    /** Asks it to keep something no longer; nothing happens if it does not. */
    void release(String requestId, Cid cid) throws IOException;
}
