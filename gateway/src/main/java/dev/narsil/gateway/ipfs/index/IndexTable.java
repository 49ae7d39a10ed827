package dev.narsil.gateway.ipfs.index;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.BlockStore.Visitor;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordReader;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.ipfs.DurableWrite;
import dev.narsil.gateway.narinfo.NarCids;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is stored of indexes, as {@link dev.narsil.gateway.ipfs.index} specifies it. Calls native code. Safe for use by
 * many threads, but one subscription is changed by one at a time.
 */
final class IndexTable {

    /** Records read or written at a time. */
    private static final int PAGE = 1024;

    private static final int VERSION = 1;
    private static final char SHARD_KIND = 'H';
    private static final char PATH_KIND = 'E';
    private static final char NAR_KIND = 'L';

    private static final char SUBSCRIPTION = 'S';
    private static final char SHARD = 'H';
    private static final char PATH = 'P';
    private static final char NAR = 'N';

    private final NarStore store;

    IndexTable(NarStore store) {
        this.store = store;
    }

    NarStore store() {
        return store;
    }

    /** Returns the subscriptions by their numbers. */
    Map<Integer, FollowedIndex> subscriptions() throws IOException {
        Map<Integer, FollowedIndex> all = new LinkedHashMap<>();
        visit(key(SUBSCRIPTION), (key, value) -> all.put(key[1] & 0xff, FollowedIndex.decode(value)));
        return all;
    }

    void put(int number, FollowedIndex subscription) throws IOException {
        write(List.of(entry(key(SUBSCRIPTION, number(number)), subscription.encode())));
    }

    /** Forgets a subscription, and what is stored of its index. */
    void remove(int number) throws IOException {
        for (String prefix : shards(number).keySet()) {
            removeShard(number, prefix);
        }
        write(List.of(removal(key(SUBSCRIPTION, number(number)))));
    }

    /** Returns the shards of a subscription that are stored. */
    SortedMap<String, IndexRoot.Shard> shards(int number) throws IOException {
        SortedMap<String, IndexRoot.Shard> shards = new TreeMap<>();
        visit(
                key(SHARD, number(number)),
                (key, value) -> shards.put(
                        new String(key, 2, IndexShard.PREFIX_LENGTH, StandardCharsets.US_ASCII), decodeShard(value)));
        return shards;
    }

    /** Stores a shard in place of what was stored under its prefix. */
    void putShard(int number, IndexShard shard, IndexRoot.Shard link) throws IOException {
        Map<Digest, IndexEntry> before = entries(number, shard.prefix());
        List<Entry> changes = new ArrayList<>();
        for (IndexEntry entry : shard.entries()) {
            IndexEntry old = before.remove(entry.path());
            if (!entry.equals(old)) {
                if (old != null) {
                    changes.add(removal(narKey(number, old)));
                }
                changes.add(entry(pathKey(number, entry.path()), encode(entry)));
                changes.add(entry(narKey(number, entry), encodeNar(entry.cids().nar())));
            }
        }
        before.values().forEach(gone -> changes.addAll(removals(number, gone)));
        // the shard counts as stored when all of it is
        changes.add(entry(shardKey(number, shard.prefix()), encode(link)));
        writeAll(changes);
    }

    /** Forgets a shard. */
    void removeShard(int number, String prefix) throws IOException {
        List<Entry> changes = new ArrayList<>();
        entries(number, prefix).values().forEach(gone -> changes.addAll(removals(number, gone)));
        changes.add(removal(shardKey(number, prefix)));
        writeAll(changes);
    }

    /** Returns what subscriptions say of a path, by their numbers. */
    Map<Integer, IndexEntry> find(Digest path) throws IOException {
        Map<Integer, IndexEntry> found = new LinkedHashMap<>();
        byte[] prefix = key(PATH, ascii(path.toString()));
        store.blockStore().scan(Table.INDEX, prefix, FollowedIndexes.MAX_SUBSCRIPTIONS, (key, value) -> {
            if (startsWith(key, prefix)) {
                found.put(key[prefix.length] & 0xff, decode(path, value));
            }
        });
        return found;
    }

    /** Returns what each subscription says is the CID of a NAR, in their order; one of each. */
    List<Cid> roots(Sha256 narHash) throws IOException {
        SortedMap<Integer, Cid> found = new TreeMap<>();
        byte[] prefix = key(NAR, narHash.bytes());
        int next = 0;
        while (next < FollowedIndexes.MAX_SUBSCRIPTIONS) {
            int from = next;
            // of those that say something each takes one look, and one more finds that there are no others
            store.blockStore().scan(Table.INDEX, key(NAR, narHash.bytes(), number(from)), 1, (key, value) -> {
                if (startsWith(key, prefix)) {
                    found.put(key[prefix.length] & 0xff, decodeNar(value));
                }
            });
            next = found.isEmpty() || found.lastKey() < from ? FollowedIndexes.MAX_SUBSCRIPTIONS : found.lastKey() + 1;
        }
        return List.copyOf(found.values());
    }

    private Map<Digest, IndexEntry> entries(int number, String shard) throws IOException {
        Map<Digest, IndexEntry> entries = new LinkedHashMap<>();
        visit(key(PATH, ascii(shard)), (key, value) -> {
            if ((key[key.length - 1] & 0xff) == number) {
                Digest path = Digest.parse(new String(key, 1, Digest.LENGTH, StandardCharsets.US_ASCII));
                entries.put(path, decode(path, value));
            }
        });
        return entries;
    }

    /** Visits all that begins with a key, a page at a time. */
    private void visit(byte[] prefix, Visitor visitor) throws IOException {
        List<byte[]> page = new ArrayList<>();
        byte[] from = prefix;
        do {
            page.clear();
            store.blockStore().scan(Table.INDEX, from, PAGE, (key, value) -> {
                if (startsWith(key, prefix)) {
                    page.add(key);
                    visitor.entry(key, value);
                }
            });
            from = page.isEmpty() ? from : Arrays.copyOf(page.getLast(), page.getLast().length + 1);
        } while (page.size() == PAGE);
    }

    private void writeAll(List<Entry> changes) throws IOException {
        for (int from = 0; from < changes.size(); from += PAGE) {
            write(changes.subList(from, Math.min(changes.size(), from + PAGE)));
        }
    }

    private void write(List<Entry> changes) throws IOException {
        DurableWrite.of(store, List.copyOf(changes));
    }

    private static List<Entry> removals(int number, IndexEntry gone) {
        return List.of(removal(pathKey(number, gone.path())), removal(narKey(number, gone)));
    }

    private static Entry entry(byte[] key, byte[] value) {
        return new Entry(Table.INDEX, key, value);
    }

    private static Entry removal(byte[] key) {
        return new Entry(Table.INDEX, key, null);
    }

    private static byte[] shardKey(int number, String prefix) {
        return key(SHARD, number(number), ascii(prefix));
    }

    private static byte[] pathKey(int number, Digest path) {
        return key(PATH, ascii(path.toString()), number(number));
    }

    private static byte[] narKey(int number, IndexEntry entry) {
        return key(NAR, entry.narHash().bytes(), number(number), entry.path().bytes());
    }

    private static byte[] key(char first, byte[]... parts) {
        ByteArrayOutputStream key = new ByteArrayOutputStream();
        key.write(first);
        for (byte[] part : parts) {
            key.writeBytes(part);
        }
        return key.toByteArray();
    }

    private static byte[] number(int number) {
        return new byte[] {(byte) number};
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length > prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    static byte[] encode(IndexRoot.Shard shard) {
        return cid(new RecordWriter(SHARD_KIND, VERSION), shard.cid())
                .varint(shard.count())
                .finish();
    }

    static IndexRoot.Shard decodeShard(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("shard that is stored", SHARD_KIND, VERSION, bytes);
        IndexRoot.Shard shard = new IndexRoot.Shard(cid(reader), reader.varint(IndexRoot.MAX_PATHS));
        reader.finish();
        return shard;
    }

    static byte[] encode(IndexEntry entry) {
        RecordWriter record =
                new RecordWriter(PATH_KIND, VERSION).bytes(entry.narHash().bytes());
        return cid(cid(record, entry.cids().manifest()), entry.cids().nar()).finish();
    }

    static IndexEntry decode(Digest path, byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("path of an index", PATH_KIND, VERSION, bytes);
        Sha256 narHash = Sha256.of(reader.bytes(Sha256.BYTES));
        Cid manifest = cid(reader);
        Cid nar = cid(reader);
        reader.finish();
        try {
            return new IndexEntry(path, narHash, new NarCids(manifest, nar));
        } catch (IllegalArgumentException e) {
            throw reader.corrupt(String.valueOf(e.getMessage()));
        }
    }

    static byte[] encodeNar(Cid nar) {
        return cid(new RecordWriter(NAR_KIND, VERSION), nar).finish();
    }

    static Cid decodeNar(byte[] bytes) throws FormatException {
        RecordReader reader = new RecordReader("NAR of an index", NAR_KIND, VERSION, bytes);
        Cid nar = cid(reader);
        reader.finish();
        return nar;
    }

    private static RecordWriter cid(RecordWriter record, Cid cid) {
        return record.varint(cid.length()).bytes(cid.bytes());
    }

    private static Cid cid(RecordReader reader) throws FormatException {
        return Cid.decode(reader.bytes(reader.varint(Cid.MAX_BYTES)));
    }
}
