package dev.narsil.blockstore;

import dev.narsil.chunker.Chunker;
import dev.narsil.rewrite.nar.NarVisitor;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Cuts a stripped NAR into blocks as it streams by. The contents of files of at least
 * {@link StoreOptions#FILE_CUT_BYTES} begin and end a block; framing and the small files between them are one stream.
 */
final class BlockCutter implements NarVisitor {

    /** Receives the blocks. The array is valid during the call only. */
    interface Sink {
        void block(byte[] buffer, int off, int length) throws IOException;
    }

    /** Room in the window for this many of the longest blocks, so that what is left over is rarely moved. */
    static final int WINDOW_BLOCKS = 4;

    private final Chunker chunker;
    private final Sink sink;
    private final Deque<Long> forcedCuts = new ArrayDeque<>();
    private final byte[] window;
    private int start;
    private int end;
    private long startPosition;

    /** A cutter that works in {@code window}, which has room for {@link #WINDOW_BLOCKS} of the longest blocks. */
    BlockCutter(Chunker chunker, byte[] window, Sink sink) {
        this.chunker = chunker;
        this.sink = sink;
        this.window = window;
    }

    @Override
    public void regular(byte[] name, boolean executable, long size, long contentsOffset) {
        if (size >= StoreOptions.FILE_CUT_BYTES && size <= Long.MAX_VALUE - contentsOffset) {
            forcedCuts.add(contentsOffset);
            forcedCuts.add(contentsOffset + size);
        }
    }

    /** Takes the next stripped bytes. Forced cuts within them are known by then. */
    void write(byte[] data, int off, int length) throws IOException {
        int from = off;
        int left = length;
        while (left > 0) {
            if (end == window.length) {
                compact();
            }
            int count = Math.min(left, window.length - end);
            System.arraycopy(data, from, window, end, count);
            end += count;
            from += count;
            left -= count;
            cut(false);
        }
    }

    /** Cuts what is left: the stream ends here. */
    void finish() throws IOException {
        cut(true);
    }

    private void cut(boolean atEnd) throws IOException {
        int max = chunker.parameters().max();
        while (start < end) {
            int available = end - start;
            boolean complete = atEnd;
            Long forced = forcedCuts.peek();
            if (forced != null && forced - startPosition <= available) {
                available = (int) (forced - startPosition);
                complete = true;
            }
            if (available == 0) {
                forcedCuts.remove();
                continue;
            }
            if (!complete && available < max) {
                return;
            }
            int length = chunker.cut(window, start, available);
            sink.block(window, start, length);
            start += length;
            startPosition += length;
        }
    }

    private void compact() {
        System.arraycopy(window, start, window, 0, end - start);
        end -= start;
        start = 0;
    }
}
