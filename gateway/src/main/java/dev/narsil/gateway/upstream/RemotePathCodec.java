package dev.narsil.gateway.upstream;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.NarInfoException;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.time.Instant;
import java.util.List;

/** The stored forms of a {@link RemotePath}, specified in {@link dev.narsil.gateway.upstream}. */
final class RemotePathCodec {

    static final char KIND = 'U';
    static final char NAR_KIND = 'V';
    static final int VERSION = 1;

    private RemotePathCodec() {}

    /** Returns what is stored of a path: the path, and which path has its NAR. */
    static List<Entry> entries(RemotePath path) {
        Digest digest = path.narInfo().storePath().digest();
        return List.of(
                new Entry(Table.REMOTE, digest.bytes(), encode(path)),
                new Entry(
                        Table.REMOTE,
                        path.narInfo().pathInfo().narHash().bytes(),
                        encodeNar(new NarPath(digest, path.fetched()))));
    }

    static byte[] encode(RemotePath path) {
        return new RecordWriter(KIND, VERSION)
                .varint(path.fetched().getEpochSecond())
                .string(path.upstream())
                .varint(path.text().length)
                .bytes(path.text())
                .finish();
    }

    /**
     * Reads a path.
     *
     * @throws FormatException if it is truncated, corrupt or of a newer version
     */
    static RemotePath decode(StoreDir storeDir, byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("remote path", KIND, VERSION, bytes);
        Instant fetched = instant(reader);
        String upstream = reader.string();
        byte[] text = reader.bytes(reader.count(1));
        reader.finish();
        try {
            return new RemotePath(upstream, NarInfo.parse(storeDir, text), text, fetched);
        } catch (NarInfoException e) {
            throw reader.corrupt("its narinfo: " + e.getMessage());
        }
    }

    /** Reads when a record of either kind was fetched, and nothing else of it. */
    static Instant fetched(byte[] bytes) throws FormatException {
        char kind = bytes.length > 0 && bytes[0] == NAR_KIND ? NAR_KIND : KIND;
        return instant(new RecordReader("remote path", kind, VERSION, bytes));
    }

    /** Which path has a NAR. */
    record NarPath(Digest digest, Instant fetched) {}

    static byte[] encodeNar(NarPath nar) {
        return new RecordWriter(NAR_KIND, VERSION)
                .varint(nar.fetched().getEpochSecond())
                .bytes(nar.digest().bytes())
                .finish();
    }

    /**
     * Reads which path has a NAR.
     *
     * @throws FormatException if it is truncated, corrupt or of a newer version
     */
    static NarPath decodeNar(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("path of a remote NAR", NAR_KIND, VERSION, bytes);
        Instant fetched = instant(reader);
        Digest digest = Digest.of(reader.bytes(Digest.BYTES), 0);
        reader.finish();
        return new NarPath(digest, fetched);
    }

    /** Returns the key of what is stored of a NAR. */
    static byte[] key(Sha256 narHash) {
        return narHash.bytes();
    }

    private static Instant instant(RecordReader reader) throws FormatException {
        long seconds = reader.varint();
        if (seconds > Instant.MAX.getEpochSecond()) {
            throw reader.corrupt("a time is " + seconds);
        }
        return Instant.ofEpochSecond(seconds);
    }
}
