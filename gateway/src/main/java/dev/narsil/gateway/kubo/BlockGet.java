package dev.narsil.gateway.kubo;

import dev.narsil.blockstore.ipfs.car.CarWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * Gets single blocks by {@code block/get}, and believes only bytes that are those of the CID. Safe for use by many
 * threads.
 */
final class BlockGet {

    /** Most calls at a time; more than 32 for one reader bring nothing. */
    static final int MAX_AT_A_TIME = 64;

    private final Rpc rpc;
    private final Semaphore slots = new Semaphore(MAX_AT_A_TIME, true);

    BlockGet(Rpc rpc) {
        this.rpc = rpc;
    }

    /** Returns the block; the time begins once it is this one's turn. */
    byte[] get(Cid cid, boolean offline, Duration time) throws IOException {
        if (cid.isIdentity()) {
            return cid.digest();
        }
        Command command = Command.of("block/get", time).arg(cid).option("offline", offline);
        acquire();
        try (Exchange exchange = rpc.call(command)) {
            byte[] block = exchange.answer().bytes(CarWriter.MAX_BLOCK_BYTES);
            if (!cid.isOf(block, 0, block.length)) {
                throw new KuboException(
                        KuboException.Kind.WRONG_BYTES,
                        command + ": " + rpc.daemon() + " sent " + block.length + " bytes that are not " + cid);
            }
            return block;
        } finally {
            slots.release();
        }
    }

    /** Returns the length of a stored block, or -1 if it is not stored; never fetches it. */
    long size(Cid cid, Duration time) throws IOException {
        if (cid.isIdentity()) {
            return cid.digestLength();
        }
        Command command = Command.of("block/stat", time).arg(cid).option("offline", true);
        acquire();
        try {
            return rpc.object(command).count("Size");
        } catch (KuboException e) {
            if (e.kind() == KuboException.Kind.ABSENT) {
                return -1;
            }
            throw e;
        } finally {
            slots.release();
        }
    }

    private void acquire() throws InterruptedIOException {
        try {
            slots.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }
}
