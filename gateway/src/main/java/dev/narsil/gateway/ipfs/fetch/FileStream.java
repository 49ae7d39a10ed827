package dev.narsil.gateway.ipfs.fetch;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile.Child;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The bytes of a UnixFS file from an offset on, with blocks asked for ahead of need: leaves in order, and a few nodes
 * further ahead, so that what comes next is known in time. Nothing is asked for before the first read. Read by one
 * thread; any may close it, which gives up what is on the way.
 */
final class FileStream extends InputStream {

    /** Most blocks on the way. */
    static final int MAX_ON_THE_WAY = 32;

    /** Most blocks on the way or here and not read yet, and their bytes unless it is one block. */
    private static final int MAX_AHEAD = 64;

    private static final long MAX_AHEAD_BYTES = 8 << 20;
    private static final int MAX_NODES_AHEAD = 4;

    /** Parts that are looked at ahead of the next. */
    private static final int LOOK_AHEAD = 512;

    /** Most parts that are known at a time, and so the memory they take: some 20 MB. */
    private static final int MAX_PARTS = 1 << 17;

    /** Most blocks of a file: a few, and one for so many bytes. */
    private static final int FEW_BLOCKS = 1024;

    private static final int MIN_BYTES_A_BLOCK = 64;
    private static final byte[] NOTHING = {};

    private final long end;
    private final BlockOrigin origin;
    private final Patience patience;
    private final List<FilePart> parts = new ArrayList<>();
    private final Set<Future<?>> onTheWay = ConcurrentHashMap.newKeySet();
    private final long maxBlocks;
    private volatile boolean closed;

    private byte[] bytes = NOTHING;
    private int offset;
    private long position;
    private long toSkip;
    private long blocks;
    private long deadline;
    private boolean asked;

    /**
     * How long to wait.
     *
     * @param first from the first read until the first bytes
     * @param next for the bytes after any others
     */
    record Patience(Duration first, Duration next) {}

    /**
     * The bytes of the file {@code root} of {@code size} bytes, from {@code from} on.
     *
     * @throws IOException if there can be no such file
     */
    FileStream(Cid root, long size, long from, BlockOrigin origin, Patience patience) throws IOException {
        this.end = size;
        this.position = from;
        this.toSkip = from;
        this.origin = origin;
        this.patience = patience;
        this.maxBlocks = FEW_BLOCKS + size / MIN_BYTES_A_BLOCK;
        parts.add(FilePart.of(root, size, 0));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int off, int len) throws IOException {
        if (len == 0) {
            return 0;
        }
        if (position == end) {
            return -1;
        }
        if (offset == bytes.length) {
            long now = System.nanoTime();
            deadline = now + (asked ? patience.next() : patience.first()).toNanos();
            asked = true;
            while (offset == bytes.length) {
                advance();
            }
        }
        int read = Math.min(len, bytes.length - offset);
        System.arraycopy(bytes, offset, target, off, read);
        offset += read;
        position += read;
        return read;
    }

    /** Takes the next part: its bytes, or the parts it is made of. */
    private void advance() throws IOException {
        if (closed) {
            throw new IOException("closed");
        }
        ask();
        FilePart next = parts.getFirst();
        byte[] block = await(next);
        parts.removeFirst();
        if (next.isNode()) {
            List<FilePart> within = partsOf(next, block);
            int before = 0;
            while (before < within.size() && toSkip >= within.get(before).size()) {
                toSkip -= within.get(before++).size();
            }
            parts.addAll(0, within.subList(before, within.size()));
        } else {
            bytes = next.leaf(block);
            offset = (int) toSkip;
            toSkip = 0;
        }
    }

    private List<FilePart> partsOf(FilePart node, byte[] block) throws IOException {
        UnixFsFile file = node.node(block);
        if (parts.size() + file.children().size() > MAX_PARTS) {
            throw new IOException("too many parts of the file are known with those of " + node.cid());
        }
        List<FilePart> within = new ArrayList<>();
        if (file.contents().length > 0) {
            within.add(FilePart.here(node.cid(), file.contents()));
        }
        for (Child child : file.children()) {
            // an empty one adds nothing, and going down those there are could take for ever
            if (child.size() > 0) {
                within.add(FilePart.of(child.cid(), child.size(), node.depth() + 1));
            }
        }
        return within;
    }

    /** Asks for what is needed next, and puts nodes that are here in the place of their parts. */
    private void ask() throws IOException {
        onTheWay.removeIf(Future::isDone);
        int ahead = 0;
        long aheadBytes = 0;
        int nodes = 0;
        for (int i = 0; i < Math.min(parts.size(), LOOK_AHEAD) && onTheWay.size() < MAX_ON_THE_WAY; i++) {
            while (i > 0 && parts.get(i).isHereAsNode()) {
                open(i);
            }
            FilePart part = parts.get(i);
            if (part.isNode()) {
                if (++nodes > MAX_NODES_AHEAD) {
                    return;
                }
                request(part);
            } else if (nodes == 0) {
                ahead += part.isInNode() ? 0 : 1;
                aheadBytes += part.size();
                if (ahead > MAX_AHEAD || (ahead > 1 && aheadBytes > MAX_AHEAD_BYTES)) {
                    return;
                }
                request(part);
            }
        }
    }

    /** Puts the parts of a node that is here in its place. */
    private void open(int index) throws IOException {
        FilePart node = parts.remove(index);
        parts.addAll(index, partsOf(node, node.bytesHere()));
    }

    private void request(FilePart part) throws IOException {
        if (part.block() != null) {
            return;
        }
        if (++blocks > maxBlocks) {
            throw new IOException("the file has more than " + maxBlocks + " blocks");
        }
        Future<byte[]> block = origin.get(part.cid());
        part.asked(block);
        onTheWay.add(block);
        if (closed) {
            block.cancel(true);
        }
    }

    private byte[] await(FilePart part) throws IOException {
        Future<byte[]> block = part.block();
        if (block == null) {
            // what is ahead takes all the room
            request(part);
            return await(part);
        }
        try {
            return block.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new LateException("the block " + part.cid() + " did not come in time", e);
        } catch (CancellationException e) {
            throw new IOException("closed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            if (closed) {
                throw new IOException("closed", e);
            }
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IOException(e.getCause());
        }
    }

    @Override
    public void close() {
        closed = true;
        onTheWay.forEach(block -> block.cancel(true));
    }
}
