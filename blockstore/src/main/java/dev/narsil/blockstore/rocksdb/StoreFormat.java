package dev.narsil.blockstore.rocksdb;

import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.chunker.Chunker;
import dev.narsil.chunker.ChunkerParameters;
import dev.narsil.rewrite.path.StoreDir;
import java.nio.ByteBuffer;
import java.util.UUID;

/** What a store was made with, as it is written in the store. */
record StoreFormat(StoreDir storeDir, String rule, ChunkerParameters chunker, int fileCut, UUID id) {

    static final char KIND = 'M';
    static final int VERSION = 1;

    static StoreFormat create(StoreDir storeDir, ChunkerParameters chunker, int fileCut) {
        return new StoreFormat(storeDir, Chunker.RULE, chunker, fileCut, UUID.randomUUID());
    }

    byte[] encode() {
        ByteBuffer uuid =
                ByteBuffer.allocate(16).putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
        return new RecordWriter(KIND, VERSION)
                .string(storeDir.path())
                .string(rule)
                .varint(chunker.min())
                .varint(chunker.average())
                .varint(chunker.max())
                .varint(fileCut)
                .bytes(uuid.array())
                .finish();
    }

    static StoreFormat decode(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("store format", KIND, VERSION, bytes);
        try {
            StoreDir storeDir = new StoreDir(reader.string());
            String rule = reader.string();
            ChunkerParameters chunker = new ChunkerParameters(
                    reader.varint(Integer.MAX_VALUE),
                    reader.varint(Integer.MAX_VALUE),
                    reader.varint(Integer.MAX_VALUE));
            int fileCut = reader.varint(Integer.MAX_VALUE);
            ByteBuffer uuid = ByteBuffer.wrap(reader.bytes(16));
            reader.finish();
            return new StoreFormat(storeDir, rule, chunker, fileCut, new UUID(uuid.getLong(), uuid.getLong()));
        } catch (IllegalArgumentException e) {
            throw reader.corrupt(String.valueOf(e.getMessage()));
        }
    }

    /** Refuses to go on where this store was made with something else than what is asked for. */
    void requireSame(StoreFormat wanted) throws StoreException {
        if (!storeDir.equals(wanted.storeDir)) {
            throw incompatible("it holds paths of " + storeDir + ", not of " + wanted.storeDir);
        }
        if (!rule.equals(wanted.rule) || !chunker.equals(wanted.chunker) || fileCut != wanted.fileCut) {
            throw incompatible("its blocks were cut by " + cutting() + ", this program is set to " + wanted.cutting());
        }
    }

    private String cutting() {
        return rule + " " + chunker.min() + "/" + chunker.average() + "/" + chunker.max() + ", files from " + fileCut;
    }

    private static StoreException incompatible(String why) {
        return new StoreException(StoreException.Kind.INCOMPATIBLE, "the store cannot be opened: " + why);
    }
}
