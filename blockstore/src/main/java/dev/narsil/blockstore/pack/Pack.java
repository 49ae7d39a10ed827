package dev.narsil.blockstore.pack;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.rewrite.hash.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.zip.CRC32C;

/** A pack that was read, checked and decoded. Immutable; the raw bytes are shared and must not be written to. */
public final class Pack {

    static final int MAGIC = 'N' | 'P' << 8 | 'A' << 16 | 'K' << 24;
    static final int VERSION = 1;
    static final int CODING_RAW = 0;
    static final int CODING_ZSTD = 1;
    static final int HEADER = 24;
    static final int CRC_OFFSET = 20;
    static final int ENTRY = Sha256.BYTES + 4;
    static final int MAX_RAW_BYTES = 64 << 20;

    /** Decoders that are not in use; there are never more than packs decoded at the same time. */
    private static final Queue<ZstdDecompressCtx> CONTEXTS = new ConcurrentLinkedQueue<>();

    private final byte[] directory;
    private final int[] offsets;
    private final byte[] raw;

    private Pack(byte[] directory, int[] offsets, byte[] raw) {
        this.directory = directory;
        this.offsets = offsets;
        this.raw = raw;
    }

    /**
     * Decodes the pack that fills {@code encoded}. Calls native code.
     *
     * @throws FormatException if the bytes are truncated, corrupt or of a newer version
     */
    public static Pack decode(byte[] encoded) throws FormatException {
        ByteBuffer buffer = ByteBuffer.wrap(encoded).order(ByteOrder.LITTLE_ENDIAN);
        int blocks = checkHeader(encoded, buffer);
        int directoryEnd = HEADER + ENTRY * blocks;
        int[] offsets = new int[blocks + 1];
        for (int i = 0; i < blocks; i++) {
            int length = buffer.getInt(HEADER + ENTRY * i + Sha256.BYTES);
            if (length <= 0 || length > MAX_RAW_BYTES - offsets[i]) {
                throw corrupt("block " + i + " has length " + Integer.toUnsignedString(length));
            }
            offsets[i + 1] = offsets[i] + length;
        }
        int rawLength = buffer.getInt(12);
        if (offsets[blocks] != rawLength) {
            throw corrupt("its blocks have " + offsets[blocks] + " bytes, its header says " + rawLength);
        }
        byte[] directory = Arrays.copyOfRange(encoded, HEADER, directoryEnd);
        return new Pack(directory, offsets, decodePayload(encoded, directoryEnd, buffer.get(5), rawLength));
    }

    private static int checkHeader(byte[] encoded, ByteBuffer buffer) throws FormatException {
        int size = encoded.length;
        if (size < HEADER) {
            throw new FormatException("pack is truncated: " + size + " bytes");
        }
        if (buffer.getInt(0) != MAGIC) {
            throw corrupt("it does not begin with NPAK");
        }
        if ((buffer.get(4) & 0xff) > VERSION) {
            throw FormatException.newerVersion("pack", buffer.get(4) & 0xff, VERSION);
        }
        long blocks = Integer.toUnsignedLong(buffer.getInt(8));
        long payload = Integer.toUnsignedLong(buffer.getInt(16));
        long expected = HEADER + ENTRY * blocks + payload;
        if (size < expected) {
            throw new FormatException("pack is truncated: " + size + " of " + expected + " bytes");
        }
        if (size > expected || blocks == 0) {
            throw corrupt(size + " bytes, " + blocks + " blocks, " + payload + " bytes of payload");
        }
        if (checksum(encoded) != buffer.getInt(CRC_OFFSET)) {
            throw corrupt("its checksum does not match");
        }
        if (buffer.get(4) != VERSION || buffer.getShort(6) != 0) {
            throw corrupt("version " + buffer.get(4) + ", reserved bytes " + buffer.getShort(6));
        }
        return (int) blocks;
    }

    private static byte[] decodePayload(byte[] encoded, int from, byte coding, int rawLength) throws FormatException {
        return switch (coding) {
            case CODING_RAW -> {
                if (encoded.length - from != rawLength) {
                    throw corrupt("its payload has " + (encoded.length - from) + " bytes, not " + rawLength);
                }
                yield Arrays.copyOfRange(encoded, from, encoded.length);
            }
            case CODING_ZSTD -> decompress(encoded, from, rawLength);
            default -> throw corrupt("coding " + coding);
        };
    }

    private static byte[] decompress(byte[] encoded, int from, int rawLength) throws FormatException {
        byte[] raw = new byte[rawLength];
        ZstdDecompressCtx pooled = CONTEXTS.poll();
        ZstdDecompressCtx zstd = pooled == null ? new ZstdDecompressCtx() : pooled;
        try {
            int got = zstd.decompressByteArray(raw, 0, rawLength, encoded, from, encoded.length - from);
            if (got != rawLength) {
                throw corrupt("zstd gives " + got + " bytes, not " + rawLength);
            }
            return raw;
        } catch (ZstdException e) {
            throw corrupt("zstd: " + e.getMessage());
        } finally {
            CONTEXTS.add(zstd);
        }
    }

    /** CRC-32C of an encoded pack without its checksum field. */
    static int checksum(byte[] encoded) {
        CRC32C crc = new CRC32C();
        crc.update(encoded, 0, CRC_OFFSET);
        crc.update(encoded, CRC_OFFSET + 4, encoded.length - CRC_OFFSET - 4);
        return (int) crc.getValue();
    }

    private static FormatException corrupt(String reason) {
        return new FormatException("pack is corrupt: " + reason);
    }

    /** Number of blocks. */
    public int blocks() {
        return offsets.length - 1;
    }

    /** Id of block {@code i}. */
    public Sha256 id(int i) {
        return Sha256.of(directory, ENTRY * i);
    }

    /** Offset of block {@code i} in the raw bytes; for {@code blocks()}, their end. */
    public int offset(int i) {
        return offsets[i];
    }

    /** The blocks one after the other: shared, not to be written to. */
    public byte[] raw() {
        return raw;
    }

    /** Bytes of memory this takes. */
    public int weight() {
        return raw.length + directory.length + 4 * offsets.length;
    }
}
