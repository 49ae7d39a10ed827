package dev.narsil.gateway.replicas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.access.Access;
import dev.narsil.gateway.access.AccessPolicy;
import dev.narsil.gateway.access.Permission;
import dev.narsil.gateway.access.Tokens;
import dev.narsil.gateway.http.CacheServer;
import dev.narsil.gateway.http.ServerOptions;
import dev.narsil.gateway.http.Services;
import dev.narsil.gateway.ipfs.IpfsPublisher;
import dev.narsil.gateway.ipfs.OtherPins;
import dev.narsil.gateway.ipfs.PublishedPaths;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.pinning.PinService;
import dev.narsil.gateway.pinning.PinServiceOptions;
import dev.narsil.gateway.pinning.PinState;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A store with a daemon of its own, and donors on real sockets; one of them is a Narsil. */
final class ReplicaFixture implements AutoCloseable {

    static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    static final DonorHttp.Pace QUICK =
            new DonorHttp.Pace(Duration.ofSeconds(10), Duration.ZERO, Duration.ofMillis(2), Duration.ofMillis(50));
    static final String PEER = "/ip4/192.0.2.1/tcp/4001/p2p/12D3KooWOwn";

    private final Path folder;
    final NarStore store;
    final Wishes wishes;
    final FakeKubo fake;
    final KuboClient kubo;
    final List<DonorOptions> options = new ArrayList<>();

    /** Starts all of it in a folder, which is empty. */
    ReplicaFixture(Path folder) throws IOException {
        this.folder = folder;
        store = open("store");
        wishes = new Wishes(store);
        fake = new FakeKubo();
        fake.on("id", (call, wire) -> wire.json("{\"ID\":\"12D3KooWOwn\",\"Addresses\":[\"" + PEER + "\"]}"));
        fake.on("swarm/connect", (call, wire) -> wire.json("{\"Strings\":[]}"));
        kubo = fake.client();
    }

    @Override
    public void close() throws IOException {
        kubo.close();
        fake.close();
        store.close();
    }

    NarStore open(String name) throws IOException {
        return new NarStore(
                RocksBlockStore.open(folder.resolve(name), StoreOptions.DEFAULT),
                StoreOptions.DEFAULT_PACK_CACHE_BYTES);
    }

    PathInfo path(int seed) throws IOException {
        return path(seed, List.of());
    }

    PathInfo path(int seed, List<String> signatures) throws IOException {
        byte[] nar = new RandomNar(seed, StoreDir.DEFAULT, 12, 100 << 10).bytes(RandomNar.digests(seed, 3));
        try (NarIngest ingest = store.ingest(Sha256.hash(nar), nar.length)) {
            ingest.write(nar, 0, nar.length);
            var _ = ingest.finish();
        }
        PathInfo info = new PathInfo(
                new StorePath(RandomNar.digests(1000L + seed, 1).getFirst(), "package-" + seed),
                Sha256.hash(nar),
                null,
                nar.length,
                List.of(),
                null,
                null,
                signatures,
                null,
                List.of());
        store.publish(info).join();
        return info;
    }

    /** Publishes a path and wants copies of it. */
    Digest wanted(int seed, int copies) throws IOException {
        PathInfo info = path(seed);
        var _ = publish(info);
        wishes.set(List.of(info.path().digest()), copies);
        return info.path().digest();
    }

    Cid publish(PathInfo info) throws IOException {
        return new IpfsPublisher(store, kubo, OtherPins.NONE, null, _ -> {})
                .publish(info)
                .path()
                .manifest();
    }

    void service(String name, URI root, @Nullable Path key, @Nullable URI gateway) {
        options.add(new DonorOptions(DonorOptions.Kind.PIN_SERVICE, name, root, key, gateway));
    }

    RoundSummary round() throws IOException {
        return round(NOON);
    }

    RoundSummary round(Instant now) throws IOException {
        try (Donors donors = Donors.open(options, QUICK, 10)) {
            return ReplicaRound.run(store, kubo, donors, Duration.ZERO, now, () -> {});
        }
    }

    Wish wish(Digest digest) throws IOException {
        return wishes.find(digest).orElseThrow();
    }

    Replica replica(Digest digest, String donor) throws IOException {
        return wish(digest).replicas().stream()
                .filter(replica -> replica.donor().equals(donor))
                .findAny()
                .orElseThrow();
    }

    Cid manifest(Digest digest) throws IOException {
        return new PublishedPaths(store).find(digest).orElseThrow().manifest();
    }

    /** A gateway to the blocks of a daemon. */
    static ScriptedDonor gateway(FakeKubo daemon) throws IOException {
        return new ScriptedDonor(call -> {
            String target = call.target();
            Cid cid = Cid.parse(target.substring("/ipfs/".length(), target.indexOf('?')));
            byte[] block = daemon.blocks().get(cid);
            boolean local = call.header("Cache-Control").equals("only-if-cached");
            if (block == null || !local) {
                call.reply(412, "");
            } else {
                call.reply(200, block);
            }
        });
    }

    /** A Narsil that keeps things for others, whose daemon can have what {@link #fake} has. */
    final class Friend implements AutoCloseable {

        final FakeKubo daemon = new FakeKubo();
        private final KuboClient client = daemon.client();
        private final NarStore own = open("friend");
        final PinService pins;
        private final CacheServer server;
        private final ScriptedDonor gateway = gateway(daemon);

        Friend(long quota) throws IOException {
            daemon.on("pin/add", (call, wire) -> {
                daemon.blocks().putAll(fake.blocks());
                daemon.pins().add(call.arg());
                wire.json("{\"Pins\":[\"" + call.arg() + "\"]}");
            });
            daemon.on("swarm/connect", (call, wire) -> wire.json("{\"Strings\":[]}"));
            Tokens tokens = Tokens.load(own);
            pins = PinService.start(own, client, tokens, PinServiceOptions.of(quota), InstantSource.system());
            server = CacheServer.start(
                    Services.of(own)
                            .withAccess(new Access(tokens, AccessPolicy.DEFAULT, InstantSource.system()))
                            .withPins(pins),
                    ServerOptions.DEFAULT
                            .withAddress("127.0.0.1", 0)
                            .withTimeouts(ServerOptions.Timeouts.DEFAULT.withStop(Duration.ofSeconds(5))));
            Path key = folder.resolve("friend.key");
            Files.writeString(
                    key,
                    tokens.create("me", Set.of(Permission.PIN), null, Instant.now())
                            .secretText());
            URI root = URI.create("http://127.0.0.1:" + server.address().getPort() + "/api/v1/");
            service("friend", root, key, gateway.root());
        }

        void awaitSettled() {
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (pins.count(PinState.QUEUED) + pins.count(PinState.PINNING) > 0) {
                assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
                LockSupport.parkNanos(1_000_000);
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
            pins.close();
            client.close();
            daemon.close();
            own.close();
            gateway.close();
        }
    }
}
