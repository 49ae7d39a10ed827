package dev.narsil.gateway.ipfs.index;

import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.http.CacheServer;
import dev.narsil.gateway.http.ServerOptions;
import dev.narsil.gateway.ipfs.IpfsPublisher;
import dev.narsil.gateway.ipfs.OtherPins;
import dev.narsil.gateway.ipfs.PublishedPath;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.narinfo.NarCids;
import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.upstream.FaultyUpstream;
import dev.narsil.gateway.upstream.SignedPath;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A store that publishes an index, and one that follows it. */
final class IndexFixture implements AutoCloseable {

    static final SecretKey KEY = SignedPath.KEY;
    static final List<PublicKey> KEYS = List.of(KEY.publicKey());
    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final Duration LONG = Duration.ofSeconds(20);

    private final Path directory;
    final NarStore publisher;
    final NarStore follower;
    final CacheServer server;
    final FakeKubo fake;
    final KuboClient kubo;
    Instant now = Instant.parse("2026-11-21T20:00:00Z");

    /** Starts all of it in a directory, which is empty. */
    IndexFixture(Path directory) throws IOException {
        this.directory = directory;
        publisher = open("publisher");
        follower = open("follower");
        server = CacheServer.start(publisher, ServerOptions.DEFAULT.withAddress("127.0.0.1", 0));
        fake = new FakeKubo();
        kubo = fake.client();
    }

    private NarStore open(String name) throws IOException {
        return new NarStore(
                RocksBlockStore.open(directory.resolve(name), StoreOptions.DEFAULT),
                StoreOptions.DEFAULT_PACK_CACHE_BYTES);
    }

    @Override
    public void close() throws IOException {
        kubo.close();
        fake.close();
        server.close();
        follower.close();
        publisher.close();
    }

    IndexSource source() {
        return IndexSource.parse("http://127.0.0.1:" + server.address().getPort());
    }

    PathInfo add(int number) throws IOException {
        byte[] nar = new RandomNar(number, StoreDir.DEFAULT, 2, 2000).bytes(RandomNar.digests(number, 2));
        PathInfo info = SignedPath.signed(SignedPath.path(number), nar, List.of())
                .narInfo()
                .pathInfo();
        try (NarIngest ingest = publisher.ingest(info.narHash(), nar.length)) {
            ingest.write(nar, 0, nar.length);
            var _ = ingest.finish();
        }
        publisher.publish(info).join();
        return info;
    }

    NarCids publish(PathInfo info) throws IOException {
        PublishedPath path = new IpfsPublisher(publisher, kubo, OtherPins.NONE, new TrustedKeys(KEYS), _ -> {})
                .publish(info)
                .path();
        return new NarCids(path.manifest(), path.nar());
    }

    IndexPublisher.Published publishIndex() throws IOException {
        now = now.plusSeconds(1);
        Instant time = now;
        return new IndexPublisher(publisher, OtherPins.NONE, () -> time).publish(KEY, kubo);
    }

    FollowedIndexes subscriptions() {
        return new FollowedIndexes(follower, () -> now);
    }

    long records() throws IOException {
        List<byte[]> keys = new ArrayList<>();
        follower.forEachRecord(Table.INDEX, (key, value) -> keys.add(key));
        return keys.size();
    }

    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("still not");
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    /** A server that answers with this root. */
    static FaultyUpstream serving(FaultyUpstream web, IndexRoot root, IndexShard... shards) {
        web.clear().on("/narsil-index/root", FaultyUpstream.ok(root.encode()));
        for (IndexShard shard : shards) {
            web.on("/narsil-index/" + IndexShard.cid(shard.encode()), FaultyUpstream.ok(shard.encode()));
        }
        return web;
    }

    static IndexRoot root(long sequence, Instant time, IndexShard... shards) {
        TreeMap<String, IndexRoot.Shard> links = new TreeMap<>();
        for (IndexShard shard : shards) {
            links.put(
                    shard.prefix(),
                    new IndexRoot.Shard(
                            IndexShard.cid(shard.encode()), shard.entries().size()));
        }
        return IndexRoot.sign(StoreDir.DEFAULT, sequence, time, links, KEY);
    }

    static IndexShard shard(int number) {
        SignedPath path = SignedPath.of(number);
        NarCids cids = new NarCids(
                Cid.hash(Codec.DAG_CBOR, new byte[] {(byte) number}),
                Cid.hash(Codec.DAG_PB, new byte[] {(byte) number}));
        return new IndexShard(
                IndexShard.prefix(path.digest()), List.of(new IndexEntry(path.digest(), path.narHash(), cids)));
    }
}
