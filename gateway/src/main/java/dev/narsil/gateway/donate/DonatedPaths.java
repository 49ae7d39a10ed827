package dev.narsil.gateway.donate;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.gateway.sharing.NamedRecords;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The marks of paths that are in IPFS only for donations. Their stored form is specified in {@link
 * dev.narsil.gateway.donate}. Safe for use by many threads.
 */
public final class DonatedPaths {

    static final char KIND = 'G';
    static final int VERSION = 1;

    private final NarStore store;

    /** Those of this store. */
    public DonatedPaths(NarStore store) {
        this.store = store;
    }

    /** Returns all that are marked. */
    Set<Digest> all() throws IOException {
        Set<Digest> all = new HashSet<>();
        store.forEachRecord(Table.DONATION, (key, value) -> {
            if (key.length == 1 + Digest.BYTES && key[0] == KIND) {
                var _ = decode(value);
                all.add(Digest.of(key, 1));
            }
        });
        return all;
    }

    /** Marks a path that is about to be published; returns when that is durable. */
    void mark(Digest digest, Instant now) throws IOException {
        if (store.record(Table.DONATION, key(digest)) == null) {
            write(digest, encode(now));
        }
    }

    /** Takes the mark off a path, which somebody published who wants it to stay; returns when that is durable. */
    public void claim(Digest digest) throws IOException {
        if (store.record(Table.DONATION, key(digest)) != null) {
            write(digest, null);
        }
    }

    private void write(Digest digest, byte @Nullable [] value) throws IOException {
        NamedRecords.write(store, List.of(new Entry(Table.DONATION, key(digest), value)));
    }

    private static byte[] key(Digest digest) {
        byte[] key = new byte[1 + Digest.BYTES];
        key[0] = (byte) KIND;
        digest.copyTo(key, 1);
        return key;
    }

    static byte[] encode(Instant since) {
        return new RecordWriter(KIND, VERSION).varint(since.getEpochSecond()).finish();
    }

    /** Returns when a path was marked; throws FormatException if the bytes do not say so. */
    static Instant decode(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("donated path", KIND, VERSION, bytes);
        long seconds = reader.varint();
        reader.finish();
        if (seconds > Instant.MAX.getEpochSecond()) {
            throw reader.corrupt("a time beyond all times: " + seconds);
        }
        return Instant.ofEpochSecond(seconds);
    }
}
