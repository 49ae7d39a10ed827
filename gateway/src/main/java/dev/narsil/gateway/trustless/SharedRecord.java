package dev.narsil.gateway.trustless;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;

/**
 * What the SHA-256 in a CID stands for. Its stored form is specified in {@link dev.narsil.gateway.trustless}.
 *
 * @param what what the SHA-256 is of
 * @param path digest of the path
 * @param narHash hash of its NAR
 * @param root SHA-256 in the CID of the NAR's root
 */
record SharedRecord(What what, Digest path, Sha256 narHash, Sha256 root) {

    static final char KIND = 'S';
    static final int VERSION = 1;

    /** What a SHA-256 is of. */
    enum What {
        NAR(0),
        ROOT(1),
        MANIFEST(2);

        private final int code;

        What(int code) {
            this.code = code;
        }
    }

    /** Returns this as what is stored under {@code key}. */
    Entry under(Sha256 key) {
        return new Entry(Table.SHARED, key.bytes(), encode());
    }

    byte[] encode() {
        return new RecordWriter(KIND, VERSION)
                .u8(what.code)
                .bytes(path.bytes())
                .bytes(narHash.bytes())
                .bytes(root.bytes())
                .finish();
    }

    /**
     * Reads the stored form.
     *
     * @throws FormatException if it is truncated, corrupt or of a newer version
     */
    static SharedRecord decode(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("shared path", KIND, VERSION, bytes);
        What what = what(reader);
        Digest path = Digest.of(reader.bytes(Digest.BYTES), 0);
        Sha256 narHash = Sha256.of(reader.bytes(Sha256.BYTES));
        Sha256 root = Sha256.of(reader.bytes(Sha256.BYTES));
        reader.finish();
        return new SharedRecord(what, path, narHash, root);
    }

    private static What what(RecordReader reader) throws FormatException {
        int code = reader.u8();
        for (What what : What.values()) {
            if (what.code == code) {
                return what;
            }
        }
        throw reader.corrupt("it is of " + code);
    }
}
