package dev.narsil.gateway.pinning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.access.Permission;
import dev.narsil.gateway.access.Tokens;
import dev.narsil.gateway.ipfs.IpfsPublisher;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One pin that both a published path and a request want. */
@Timeout(120)
class PublishedPinTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String OTHER_SIGNATURE = "other-1:" + "A".repeat(86) + "==";

    @TempDir
    private Path directory;

    private NarStore store;
    private FakeKubo fake;
    private KuboClient kubo;
    private IpfsPublisher publisher;
    private PinService pins;
    private String owner;

    @BeforeEach
    void start() throws IOException {
        store = new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
        fake = new FakeKubo();
        kubo = fake.client();
        publisher = new IpfsPublisher(store, kubo, new RequestedPins(store), null, _ -> {});
        Tokens tokens = Tokens.load(store);
        owner = tokens.create("friend", Set.of(Permission.PIN), null, Instant.now())
                .token()
                .id();
        PinServiceOptions options = new PinServiceOptions(
                100_000_000, Duration.ofMinutes(1), Duration.ofMillis(50), Duration.ofMillis(50), Duration.ofDays(1));
        pins = PinService.start(store, kubo, tokens, options, InstantSource.system());
    }

    @AfterEach
    void stop() throws IOException {
        pins.close();
        kubo.close();
        fake.close();
        store.close();
    }

    private PathInfo path(int seed, List<String> signatures) throws IOException {
        byte[] nar = new RandomNar(seed, StoreDir.DEFAULT, 3, 2000).bytes(RandomNar.digests(seed, 2));
        try (NarIngest ingest = store.ingest(Sha256.hash(nar), nar.length)) {
            ingest.write(nar, 0, nar.length);
            var _ = ingest.finish();
        }
        PathInfo info = new PathInfo(
                new StorePath(RandomNar.digests(1000L + seed, 1).getFirst(), "package"),
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

    private Cid publish(PathInfo info) throws IOException {
        return publisher.publish(info).path().manifest();
    }

    private PinStatus requested(Cid cid) throws IOException {
        PinStatus request = pins.add(owner, new Pin(cid, "name", List.of()));
        await(() -> pins.find(owner, request.requestId()).map(PinStatus::state).equals(Optional.of(PinState.PINNED)));
        return request;
    }

    /** Removes a request, and waits until that is done. */
    private void remove(PinStatus request) throws IOException {
        assertThat(pins.remove(owner, request.requestId())).isTrue();
        await(() -> {
            try {
                return PinRequests.load(store).size() == 0;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static void await(BooleanSupplier wanted) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!wanted.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void unpublish_aRequestWantsTheSame_pinStaysUntilThatGoes() throws IOException {
        PathInfo info = path(1, List.of());
        Cid manifest = publish(info);
        PinStatus request = requested(manifest);

        assertThat(publisher.unpublish(info.path().digest())).isTrue();
        assertThat(fake.pins()).containsExactly(manifest.toString());

        remove(request);
        assertThat(fake.pins()).isEmpty();
    }

    @Test
    void unpublish_theRequestIsRemovedAlready_unpins() throws IOException {
        PathInfo info = path(1, List.of());
        Cid manifest = publish(info);
        remove(requested(manifest));
        assertThat(fake.pins()).containsExactly(manifest.toString());

        assertThat(publisher.unpublish(info.path().digest())).isTrue();
        assertThat(fake.pins()).isEmpty();
    }

    @Test
    void unpublish_aRequestForAnotherPath_unpins() throws IOException {
        PathInfo info = path(1, List.of());
        Cid manifest = publish(info);
        Cid other = publish(path(2, List.of()));
        var _ = requested(other);

        assertThat(publisher.unpublish(info.path().digest())).isTrue();
        assertThat(fake.pins()).containsExactly(other.toString()).doesNotContain(manifest.toString());
    }

    @Test
    void remove_requestThatWasFirst_pinOfThePublishedPathStays() throws IOException {
        PathInfo info = path(1, List.of());
        Cid manifest = publish(info);
        assertThat(publisher.unpublish(info.path().digest())).isTrue();
        assertThat(fake.pins()).isEmpty();
        PinStatus request = requested(manifest);
        assertThat(publish(info)).isEqualTo(manifest);

        remove(request);
        assertThat(fake.pins()).containsExactly(manifest.toString());
        assertThat(publisher.unpublish(info.path().digest())).isTrue();
        assertThat(fake.pins()).isEmpty();
    }

    @Test
    void publish_signedAnew_oldManifestStaysPinnedForItsRequest() throws IOException {
        Cid old = publish(path(1, List.of()));
        PinStatus request = requested(old);
        Cid manifest = publish(path(1, List.of(OTHER_SIGNATURE)));
        assertThat(fake.pins()).containsExactlyInAnyOrder(old.toString(), manifest.toString());

        remove(request);
        assertThat(fake.pins()).containsExactly(manifest.toString());
    }
}
