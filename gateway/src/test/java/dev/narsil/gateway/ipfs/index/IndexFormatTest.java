package dev.narsil.gateway.ipfs.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.codec.RecordWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.dagcbor.CborWriter;
import dev.narsil.gateway.narinfo.NarCids;
import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.gateway.narinfo.Signature;
import dev.narsil.gateway.upstream.SignedPath;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blocks and records of indexes, against ones that were made from the specification alone. */
class IndexFormatTest {

    private static final SecretKey KEY = SignedPath.KEY;
    private static final Instant TIME = Instant.ofEpochSecond(1_795_305_600L);
    private static final IndexShard FIRST = new IndexShard(
            "ab",
            List.of(entry("ab" + "0".repeat(30), 1, Codec.DAG_PB), entry("ab" + "0".repeat(29) + "1", 2, Codec.RAW)));
    private static final IndexShard LAST = new IndexShard("zz", List.of(entry("zz" + "0".repeat(30), 3, Codec.DAG_PB)));

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static Cid cid(Codec codec, String block) {
        return Cid.hash(codec, ascii(block));
    }

    private static IndexEntry entry(String digest, int number, Codec codec) {
        return new IndexEntry(
                Digest.parse(digest),
                Sha256.hash(ascii("nar " + number)),
                new NarCids(cid(Codec.DAG_CBOR, "manifest " + number), cid(codec, "nar " + number)));
    }

    private static byte[] golden(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(IndexFormatTest.class.getResourceAsStream(name + ".hex"), name)) {
            return HexFormat.of()
                    .parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", ""));
        }
    }

    /** Reads stored bytes. */
    private interface Decoder {
        Object decode(byte[] bytes) throws FormatException;
    }

    private static void assertDamageRefused(byte[] record, Decoder decoder) {
        for (int length = 0; length <= record.length; length++) {
            byte[] cut = Arrays.copyOf(record, length == record.length ? length + 1 : length);
            assertThatThrownBy(() -> decoder.decode(cut)).isInstanceOf(FormatException.class);
        }
        for (int bit = 0; bit < 8 * record.length; bit++) {
            byte[] flipped = record.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThatThrownBy(() -> decoder.decode(flipped)).as("bit %d", bit).isInstanceOf(FormatException.class);
        }
    }

    private static SortedMap<String, IndexRoot.Shard> shards() {
        SortedMap<String, IndexRoot.Shard> shards = new TreeMap<>();
        for (IndexShard shard : List.of(LAST, FIRST)) {
            shards.put(
                    shard.prefix(),
                    new IndexRoot.Shard(
                            IndexShard.cid(shard.encode()), shard.entries().size()));
        }
        return shards;
    }

    private static IndexRoot signed() {
        return IndexRoot.sign(StoreDir.DEFAULT, 7, TIME, shards(), KEY);
    }

    @Test
    void encode_shard_isAsSpecified() throws IOException {
        assertThat(FIRST.encode()).isEqualTo(golden("index-shard"));
        assertThat(IndexShard.decode("ab", golden("index-shard"))).isEqualTo(FIRST);
    }

    @Test
    void encode_rootWithoutASignature_isAsSpecified() throws IOException {
        IndexRoot unsigned = new IndexRoot(StoreDir.DEFAULT, 7, TIME, shards(), "");

        assertThat(unsigned.encode()).isEqualTo(golden("index-root-unsigned"));
        assertThat(IndexRoot.decode(golden("index-root-unsigned"))).isEqualTo(unsigned);
        assertThat(unsigned.count()).isEqualTo(3);
    }

    @Test
    void sign_root_signsWhatIsSpecified() throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes(ascii("narsil-index-1\n"));
        message.writeBytes(golden("index-root-unsigned"));

        IndexRoot signed = signed();

        assertThat(KEY.publicKey().verifies(message.toByteArray(), Signature.parse(signed.signature())))
                .isTrue();
        IndexRoot read = IndexRoot.decode(signed.encode());
        assertThat(read).isEqualTo(signed);
        read.requireSignedBy(List.of(PublicKey.CACHE_NIXOS_ORG, KEY.publicKey()));
    }

    @Test
    void requireSignedBy_otherKeyOrChangedRoot_saysWhich() {
        IndexRoot signed = signed();
        PublicKey sameName = SecretKey.generate(KEY.name()).publicKey();
        IndexRoot later = new IndexRoot(StoreDir.DEFAULT, 8, TIME, shards(), signed.signature());
        IndexRoot unsigned = new IndexRoot(StoreDir.DEFAULT, 7, TIME, shards(), "");

        assertThatThrownBy(() -> signed.requireSignedBy(List.of(PublicKey.CACHE_NIXOS_ORG)))
                .hasMessageContaining("signed by 'test-1', which is not a key that is trusted");
        assertThatThrownBy(() -> signed.requireSignedBy(List.of(sameName)))
                .hasMessageContaining("the signature of the index by 'test-1' is wrong");
        assertThatThrownBy(() -> later.requireSignedBy(List.of(KEY.publicKey())))
                .hasMessageContaining("is wrong");
        assertThatThrownBy(() -> unsigned.requireSignedBy(List.of(KEY.publicKey())))
                .hasMessageContaining("no signature");
    }

    @Test
    void decode_anyBitOfARootChanged_isRefusedOrNotSigned() {
        byte[] block = signed().encode();
        for (int bit = 0; bit < 8 * block.length; bit++) {
            byte[] changed = block.clone();
            changed[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThatThrownBy(() -> IndexRoot.decode(changed).requireSignedBy(List.of(KEY.publicKey())))
                    .as("bit %d", bit)
                    .isInstanceOf(IOException.class);
        }
        for (int length = 0; length < block.length; length++) {
            byte[] cut = Arrays.copyOf(block, length);
            assertThatThrownBy(() -> IndexRoot.decode(cut)).isInstanceOf(FormatException.class);
        }
    }

    @Test
    void decode_pathsOutOfOrderOrTwiceOrOfAnotherShard_areRefused() {
        String one = "ab" + "0".repeat(30);
        String two = "ab" + "0".repeat(29) + "1";
        String other = "ac" + "0".repeat(30);

        assertThat(refused("ab", one, two)).isNull();
        assertThat(refused("ab", two, one)).isNotNull();
        assertThat(refused("ab", one, one)).isNotNull();
        assertThat(refused("ab", one, other)).contains("does not begin with ab");
        assertThat(refused("ab")).contains("no paths");
        assertThat(refused("ab", "ab")).isNotNull();
        assertThat(refused("ab", "abe" + "0".repeat(29))).isNotNull();
    }

    /** Returns why a shard with these digests, as they are written, is refused, or null if it is not. */
    private static @Nullable String refused(String prefix, String... digests) {
        try {
            CborWriter writer = new CborWriter()
                    .map(2)
                    .key("v")
                    .integer(1)
                    .key("paths")
                    .map(1)
                    .key("0")
                    .array(0);
            byte[] front = writer.finish();
            ByteArrayOutputStream block = new ByteArrayOutputStream();
            block.write(front, 0, front.length - 4);
            block.write(5 << 5 | digests.length);
            for (String digest : digests) {
                byte[] entry = new CborWriter()
                        .map(1)
                        .key(digest)
                        .array(3)
                        .bytes(new byte[32])
                        .bytes(cid(Codec.DAG_CBOR, "m").bytes())
                        .bytes(cid(Codec.DAG_PB, "n").bytes())
                        .finish();
                block.write(entry, 1, entry.length - 1);
            }
            IndexShard.decode(prefix, block.toByteArray());
            return null;
        } catch (FormatException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void decode_newerVersion_isSaidToBeNewer() throws IOException {
        byte[] root = golden("index-root-unsigned");
        root[3]++;
        byte[] shard = golden("index-shard");
        shard[3]++;

        assertThatThrownBy(() -> IndexRoot.decode(root)).hasMessageContaining("newer version: 2");
        assertThatThrownBy(() -> IndexShard.decode("ab", shard)).hasMessageContaining("newer version: 2");
    }

    @Test
    void decode_tooLong_isRefusedUnread() {
        assertThatThrownBy(() -> IndexRoot.decode(new byte[IndexRoot.MAX_BYTES + 1]))
                .hasMessageContaining("it has 131073 bytes");
        assertThatThrownBy(() -> IndexShard.decode("ab", new byte[IndexShard.MAX_BYTES + 1]))
                .hasMessageContaining("it has 1048577 bytes");
    }

    @Test
    void root_morePathsThanAreTaken_isRefused() {
        SortedMap<String, IndexRoot.Shard> many = new TreeMap<>();
        many.put("00", new IndexRoot.Shard(cid(Codec.DAG_CBOR, "a"), IndexRoot.MAX_PATHS));
        many.put("01", new IndexRoot.Shard(cid(Codec.DAG_CBOR, "b"), 1));

        assertThatThrownBy(() -> new IndexRoot(StoreDir.DEFAULT, 1, TIME, many, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("an index of 1000001 paths");
    }

    @Test
    void encode_records_areAsSpecifiedAndDamageIsRefused() throws IOException {
        FollowedIndex subscription = new FollowedIndex(
                IndexSource.parse("https://cache.example/nix/"),
                List.of(KEY.publicKey()),
                7,
                cid(Codec.DAG_CBOR, "root"),
                TIME,
                TIME.plusSeconds(3600),
                "no answer");
        assertThat(subscription.encode()).isEqualTo(golden("subscription"));
        assertThat(FollowedIndex.decode(golden("subscription")))
                .usingRecursiveComparison()
                .isEqualTo(subscription);
        assertDamageRefused(golden("subscription"), FollowedIndex::decode);
        byte[] newer = new RecordWriter('F', 2).finish();
        assertThatThrownBy(() -> FollowedIndex.decode(newer)).hasMessageContaining("newer version: 2");

        OwnIndex.Root own = new OwnIndex.Root(new byte[] {1, 2, 3}, true);
        assertThat(own.encode()).isEqualTo(golden("own-index"));
        assertThat(OwnIndex.Root.decode(golden("own-index")).encode()).isEqualTo(golden("own-index"));
        assertDamageRefused(golden("own-index"), OwnIndex.Root::decode);

        IndexRoot.Shard shard = new IndexRoot.Shard(cid(Codec.DAG_CBOR, "shard"), 300);
        assertThat(IndexTable.encode(shard)).isEqualTo(golden("shard"));
        assertThat(IndexTable.decodeShard(golden("shard"))).isEqualTo(shard);
        assertDamageRefused(golden("shard"), IndexTable::decodeShard);

        IndexEntry entry = FIRST.entries().getFirst();
        assertThat(IndexTable.encode(entry)).isEqualTo(golden("path"));
        assertThat(IndexTable.decode(entry.path(), golden("path"))).isEqualTo(entry);
        assertDamageRefused(golden("path"), bytes -> IndexTable.decode(entry.path(), bytes));

        Cid nar = entry.cids().nar();
        assertThat(IndexTable.encodeNar(nar)).isEqualTo(golden("nar"));
        assertThat(IndexTable.decodeNar(golden("nar"))).isEqualTo(nar);
        assertDamageRefused(golden("nar"), IndexTable::decodeNar);
    }

    @Test
    void parse_sources_areThoseMeant() {
        assertThat(IndexSource.parse("https://cache.example/nix/"))
                .isEqualTo(new IndexSource.Http(URI.create("https://cache.example/nix/")))
                .hasToString("https://cache.example/nix");
        for (String name : new String[] {"k51qzi5uqu5dh", "/ipns/k51qzi5uqu5dh", "ipns://k51qzi5uqu5dh"}) {
            assertThat(IndexSource.parse(name))
                    .isEqualTo(new IndexSource.Ipns("k51qzi5uqu5dh"))
                    .hasToString("/ipns/k51qzi5uqu5dh");
        }
        assertThat(IndexSource.parse("cache.example")).hasToString("/ipns/cache.example");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/ipfs/bafkqaaa",
                "http://",
                "http://user:secret@cache.example",
                "https://cache.example/?a=b",
                "ftp://cache.example",
                "/ipns/a/b",
                "/ipns/",
                "a b"
            })
    void parse_otherSource_isRefused(String text) {
        assertThatThrownBy(() -> IndexSource.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .doesNotContain("secret");
    }

    @FuzzTest
    void root_anyBytes_isRefusedOrEncodesBack(byte[] data) {
        try {
            IndexRoot root = IndexRoot.decode(data);
            assertThat(root.encode()).isEqualTo(data);
            root.requireSignedBy(List.of(KEY.publicKey()));
        } catch (IOException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @FuzzTest
    void shard_anyBytes_isRefusedOrEncodesBack(byte[] data) {
        try {
            assertThat(IndexShard.decode("ab", data).encode()).isEqualTo(data);
        } catch (FormatException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @FuzzTest
    void records_anyBytes_areRefusedOrEncodeBack(byte[] data) {
        for (char kind : new char[] {'F', 'G', 'H', 'E', 'L'}) {
            byte[] sealed = new RecordWriter(kind, 1).bytes(data).finish();
            try {
                byte[] back = switch (kind) {
                    case 'F' -> FollowedIndex.decode(sealed).encode();
                    case 'G' -> OwnIndex.Root.decode(sealed).encode();
                    case 'H' -> IndexTable.encode(IndexTable.decodeShard(sealed));
                    case 'E' -> IndexTable.encode(IndexTable.decode(Digest.parse("0".repeat(32)), sealed));
                    default -> IndexTable.encodeNar(IndexTable.decodeNar(sealed));
                };
                assertThat(back).isEqualTo(sealed);
            } catch (FormatException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }
}
