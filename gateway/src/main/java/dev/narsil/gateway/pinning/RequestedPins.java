package dev.narsil.gateway.pinning;

import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.ipfs.OtherPins;
import dev.narsil.gateway.pinning.PinRequest.Phase;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pins that requests of a store want, whether a server deals with them at the moment or not. Calls native code. */
public final class RequestedPins implements OtherPins {

    /** Held while it is decided whether a CID is or stays pinned, and that is done; one for all of the process. */
    private static final ReentrantLock DECIDING = new ReentrantLock();

    private static final Logger LOG = LoggerFactory.getLogger(RequestedPins.class);

    private final NarStore store;

    /** Those of a store. */
    public RequestedPins(NarStore store) {
        this.store = store;
    }

    @Override
    public boolean unlessWanted(Cid cid, Unpin unpin) throws IOException {
        beginDeciding();
        try {
            if (isWanted(cid)) {
                return false;
            }
            unpin.run();
            return true;
        } finally {
            endDeciding();
        }
    }

    /** Waits until nobody else decides. */
    static void beginDeciding() throws InterruptedIOException {
        try {
            DECIDING.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    static void endDeciding() {
        DECIDING.unlock();
    }

    /** Tells whether a request has a CID pinned, or is about to; reads them all. One that is damaged may want any. */
    private boolean isWanted(Cid cid) throws IOException {
        AtomicBoolean wanted = new AtomicBoolean();
        store.forEachRecord(Table.PIN_REQUEST, (key, value) -> {
            try {
                PinRequest request = PinRequest.decode(value);
                if (request.pin().cid().equals(cid) && keeps(request.phase())) {
                    wanted.set(true);
                }
            } catch (FormatException e) {
                LOG.warn("no pin is taken away as long as a request for one is damaged: {}", e.getMessage());
                wanted.set(true);
            }
        });
        return wanted.get();
    }

    /** Tells whether a request in this phase wants the pin that there is; one in the queue makes its own. */
    static boolean keeps(Phase phase) {
        return phase == Phase.PINNED || phase == Phase.PINNING;
    }
}
