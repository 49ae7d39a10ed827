package dev.narsil.gateway.kubo;

import dev.narsil.blockstore.ipfs.car.CarBlock;
import dev.narsil.blockstore.ipfs.cid.Cid;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Blocks of a list of CIDs, in its order, a few of them on the way ahead of the reader. For one thread. Closing it
 * cancels what is on the way.
 */
public final class BlockWindow implements AutoCloseable {

    /** Most blocks on the way: over Bitswap, more were not faster. */
    public static final int MAX_WIDTH = 32;

    private record Fetch(Cid cid, Future<byte[]> block) {}

    /** Gets one block, checked. */
    interface Fetcher {
        byte[] get(Cid cid) throws IOException;
    }

    private final Iterator<Cid> cids;
    private final int width;
    private final Fetcher fetcher;
    private final ExecutorService threads;
    private final ArrayDeque<Fetch> fetches = new ArrayDeque<>();

    BlockWindow(Iterator<Cid> cids, int width, Fetcher fetcher, ExecutorService threads) {
        if (width < 1 || width > MAX_WIDTH) {
            throw new IllegalArgumentException("a window of " + width + " blocks, not of 1 to " + MAX_WIDTH);
        }
        this.cids = cids;
        this.width = width;
        this.fetcher = fetcher;
        this.threads = threads;
    }

    /**
     * Waits for the next block, or returns null after the last. After a failure, the next call goes on with the block
     * after it.
     *
     * @throws KuboException if this block was not got
     * @throws InterruptedIOException if the thread is interrupted
     */
    public @Nullable CarBlock next() throws IOException {
        try {
            while (fetches.size() < width && cids.hasNext()) {
                Cid cid = cids.next();
                fetches.add(new Fetch(cid, threads.submit(() -> fetcher.get(cid))));
            }
        } catch (RejectedExecutionException e) {
            throw new KuboException(KuboException.Kind.UNREACHABLE, "block/get: closing", e);
        }
        Fetch first = fetches.poll();
        if (first == null) {
            return null;
        }
        try {
            return new CarBlock(first.cid(), first.block().get());
        } catch (InterruptedException e) {
            first.block().cancel(true);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InterruptedIOException failure) {
                throw new KuboException(KuboException.Kind.UNREACHABLE, "block/get: closing", failure);
            }
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        fetches.forEach(fetch -> fetch.block().cancel(true));
        fetches.clear();
    }
}
