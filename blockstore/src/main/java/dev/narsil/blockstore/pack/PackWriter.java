package dev.narsil.blockstore.pack;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import dev.narsil.rewrite.hash.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Gathers blocks into a pack and encodes it. Not safe for use by several threads. Calls native code. */
public final class PackWriter implements AutoCloseable {

    /**
     * Most raw bytes of a pack written at ingest: a mebibyte, less what makes an array of it fit into a region of that size,
     * the smallest of the G1 collector. One byte more would take two regions.
     */
    public static final int RAW_BYTES = (1 << 20) - 64;

    /** zstd level of packs written at ingest: speed first. */
    public static final int LEVEL = 3;

    private static final int INITIAL_BLOCKS = 64;

    private final ZstdCompressCtx zstd;
    private final byte[] raw = new byte[RAW_BYTES];
    private final byte[] compressed = new byte[Math.toIntExact(Zstd.compressBound(RAW_BYTES))];
    private final List<Sha256> ids = new ArrayList<>();
    private int[] lengths = new int[INITIAL_BLOCKS];
    private int size;

    public PackWriter() {
        this.zstd = new ZstdCompressCtx();
        zstd.setLevel(LEVEL);
        zstd.setContentSize(true);
        zstd.setChecksum(false);
    }

    /** Tells whether a block of {@code length} bytes still fits. An empty pack takes any block up to {@link #RAW_BYTES}. */
    public boolean fits(int length) {
        return length <= RAW_BYTES - size;
    }

    /** Tells whether the pack holds no block. */
    public boolean isEmpty() {
        return ids.isEmpty();
    }

    /**
     * Appends a block.
     *
     * @throws IllegalArgumentException if it does not fit
     */
    public void add(Sha256 id, byte[] data, int off, int length) {
        if (!fits(length)) {
            throw new IllegalArgumentException(
                    "block of " + length + " bytes, pack has room for " + (RAW_BYTES - size));
        }
        System.arraycopy(data, off, raw, size, length);
        size += length;
        if (ids.size() == lengths.length) {
            lengths = Arrays.copyOf(lengths, lengths.length * 2);
        }
        lengths[ids.size()] = length;
        ids.add(id);
    }

    /** Returns the pack of the blocks added, or null if there is none, and starts an empty one. */
    public @Nullable EncodedPack finish() {
        if (ids.isEmpty()) {
            return null;
        }
        int compressedLength = zstd.compressByteArray(compressed, 0, compressed.length, raw, 0, size);
        boolean stored = compressedLength >= size;
        int payloadLength = stored ? size : compressedLength;
        int directoryEnd = Pack.HEADER + Pack.ENTRY * ids.size();
        byte[] bytes = new byte[directoryEnd + payloadLength];
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putInt(Pack.MAGIC).put((byte) Pack.VERSION);
        buffer.put((byte) (stored ? Pack.CODING_RAW : Pack.CODING_ZSTD)).putShort((short) 0);
        buffer.putInt(ids.size()).putInt(size).putInt(payloadLength);
        for (int i = 0; i < ids.size(); i++) {
            int entry = Pack.HEADER + Pack.ENTRY * i;
            ids.get(i).copyTo(bytes, entry);
            buffer.putInt(entry + Sha256.BYTES, lengths[i]);
        }
        System.arraycopy(stored ? raw : compressed, 0, bytes, directoryEnd, payloadLength);
        buffer.putInt(Pack.CRC_OFFSET, Pack.checksum(bytes));
        EncodedPack pack = new EncodedPack(bytes, List.copyOf(ids), Arrays.copyOf(lengths, ids.size()));
        ids.clear();
        size = 0;
        return pack;
    }

    @Override
    public void close() {
        zstd.close();
    }
}
