package dev.narsil.gateway.pinning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.access.Permission;
import dev.narsil.gateway.access.Token;
import dev.narsil.gateway.access.Tokens;
import dev.narsil.gateway.kubo.FakeCall;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.kubo.KuboClient;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The pinning service on a real store and a Kubo that is made for tests. */
@Timeout(120)
class PinServiceTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration SOON = Duration.ofMillis(50);
    private static final Duration NEVER = Duration.ofDays(1);

    @TempDir
    private Path directory;

    private NarStore store;
    private Tokens tokens;
    private FakeKubo fake;
    private KuboClient kubo;
    private String owner;

    @BeforeEach
    void start() throws IOException {
        open();
        fake = new FakeKubo();
        kubo = fake.client();
        owner = token("friend").id();
    }

    private void open() throws IOException {
        store = new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
        tokens = Tokens.load(store);
    }

    private void openAnew() throws IOException {
        store.close();
        open();
    }

    @AfterEach
    void stop() throws IOException {
        kubo.close();
        fake.close();
        store.close();
    }

    private Token token(String name) throws IOException {
        return tokens.create(name, Set.of(Permission.PIN), null, Instant.now()).token();
    }

    private PinService service(long quota) throws IOException {
        return service(quota, NEVER);
    }

    private PinService service(long quota, Duration checks) throws IOException {
        PinServiceOptions options = new PinServiceOptions(quota, Duration.ofMinutes(1), SOON, SOON, checks);
        return PinService.start(store, kubo, tokens, options, InstantSource.system());
    }

    /** Makes a block that the daemon can have. */
    private Cid block(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        Cid cid = Cid.hash(Codec.RAW, bytes);
        fake.blocks().put(cid, bytes);
        return cid;
    }

    private static Pin pin(Cid cid) {
        return new Pin(cid, "name", List.of());
    }

    private static void await(BooleanSupplier wanted) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!wanted.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private PinStatus await(PinService service, PinStatus request, PinState state) {
        await(() -> service.find(owner, request.requestId())
                .filter(now -> now.state() == state)
                .isPresent());
        return service.find(owner, request.requestId()).orElseThrow();
    }

    private long calls(String command) {
        return fake.calls().stream()
                .map(FakeCall::command)
                .filter(command::equals)
                .count();
    }

    @Test
    void add_blocksThatCanBeHad_arePinnedAndCounted() throws IOException {
        fake.on(
                "id",
                (call, wire) ->
                        wire.json("{\"ID\":\"12D3KooW\",\"Addresses\":[\"/ip4/192.0.2.7/tcp/4001/p2p/12D3KooW\"]}"));
        Cid cid = block(1, 1000);
        try (PinService service = service(5000)) {
            PinStatus added = service.add(owner, pin(cid));
            assertThat(added.pin()).isEqualTo(pin(cid));
            PinStatus pinned = await(service, added, PinState.PINNED);

            assertThat(fake.pins()).containsExactly(cid.toString());
            assertThat(pinned.info()).containsEntry("dag_size", "1000");
            assertThat(pinned.delegates()).containsExactly("/ip4/192.0.2.7/tcp/4001/p2p/12D3KooW");
            assertThat(pinned.created()).isEqualTo(added.created());
            assertThat(service.bytes()).isEqualTo(1000);
            assertThat(service.count(PinState.PINNED)).isEqualTo(1);
            assertThat(service.find("zzzzzzzz", added.requestId())).isEmpty();
            assertThat(service.remove("zzzzzzzz", added.requestId())).isFalse();
            assertThat(service.list("zzzzzzzz", PinQuery.parse("")).count()).isZero();
        }
    }

    @Test
    void add_origins_areConnectedTo() throws IOException {
        CountDownLatch connected = new CountDownLatch(1);
        fake.on("swarm/connect", (call, wire) -> {
            connected.countDown();
            wire.json("{\"Strings\":[\"" + call.arg() + "\"]}");
        });
        try (PinService service = service(5000)) {
            Pin pin = new Pin(block(1, 10), "", List.of("nothing", "/ip4/192.0.2.7/tcp/4001/p2p/12D3KooW"));
            var _ = await(service, service.add(owner, pin), PinState.PINNED);
            assertThat(connected.getCount()).isZero();
            assertThat(fake.calls().stream().filter(call -> call.command().equals("swarm/connect")))
                    .singleElement()
                    .satisfies(call ->
                            assertThat(call.arg()).isEqualTo(pin.origins().getLast()));
        }
    }

    @Test
    void add_largerThanTheQuota_isFailedAndUnpinned() throws IOException {
        Cid cid = block(1, 1001);
        try (PinService service = service(1000)) {
            PinStatus failed = await(service, service.add(owner, pin(cid)), PinState.FAILED);
            assertThat(failed.info().get("status_details")).contains("larger than the 1000 bytes");
            assertThat(fake.pins()).isEmpty();
            assertThat(service.bytes()).isZero();
        }
    }

    @Test
    void add_seenToBeTooLargeWhileItComes_isGivenUpThen() throws Exception {
        CountDownLatch cancelled = new CountDownLatch(1);
        fake.on("pin/add", (call, wire) -> {
            wire.begin("application/json").line("{\"Progress\":9,\"Bytes\":1001}");
            try {
                wire.hang();
            } finally {
                cancelled.countDown();
            }
        });
        try (PinService service = service(1000)) {
            PinStatus failed = await(service, service.add(owner, pin(block(1, 1))), PinState.FAILED);
            assertThat(failed.info().get("status_details")).contains("larger than");
            assertThat(cancelled.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(calls("pin/add")).isEqualTo(1);
        }
    }

    @Test
    void add_quotaUsedUp_isRefusedUntilSomethingGoes() throws IOException {
        try (PinService service = service(1000)) {
            PinStatus first = await(service, service.add(owner, pin(block(1, 1000))), PinState.PINNED);
            assertThatThrownBy(() -> service.add(owner, pin(block(2, 1)))).isInstanceOf(PinRefusedException.class);
            assertThat(service.replace(owner, first.requestId(), pin(block(3, 500))))
                    .isPresent();
            String other = token("other").id();
            assertThat(service.add(other, pin(block(4, 1000))).state()).isEqualTo(PinState.QUEUED);
        }
    }

    @Test
    void remove_pinned_isUnpinnedAndForgotten() throws IOException {
        Cid cid = block(1, 10);
        try (PinService service = service(1000)) {
            PinStatus added = await(service, service.add(owner, pin(cid)), PinState.PINNED);
            assertThat(service.remove(owner, added.requestId())).isTrue();
            assertThat(service.find(owner, added.requestId())).isEmpty();
            assertThat(service.remove(owner, added.requestId())).isFalse();
            await(() -> fake.pins().isEmpty());
        }
        openAnew();
        try (PinService service = service(1000)) {
            assertThat(service.list(owner, PinQuery.parse("status=queued,pinning,pinned,failed"))
                            .count())
                    .isZero();
        }
    }

    @Test
    void remove_anotherWantsTheSame_staysPinned() throws IOException {
        Cid cid = block(1, 10);
        String other = token("other").id();
        try (PinService service = service(1000)) {
            PinStatus own = await(service, service.add(owner, pin(cid)), PinState.PINNED);
            PinStatus theirs = service.add(other, pin(cid));
            await(() -> service.count(PinState.PINNED) == 2);
            assertThat(service.remove(owner, own.requestId())).isTrue();
            // what comes after it in the queue tells that it was dealt with
            var _ = await(service, service.add(owner, pin(block(2, 10))), PinState.PINNED);
            assertThat(fake.pins()).contains(cid.toString());
            assertThat(service.remove(other, theirs.requestId())).isTrue();
            await(() -> !fake.pins().contains(cid.toString()));
        }
    }

    @Test
    void remove_wasPinnedBeforeAnyRequest_staysPinned() throws IOException {
        Cid cid = block(1, 10);
        fake.pins().add(cid.toString());
        try (PinService service = service(1000)) {
            PinStatus added = await(service, service.add(owner, pin(cid)), PinState.PINNED);
            assertThat(added.info()).containsEntry("dag_size", "10");
            assertThat(service.remove(owner, added.requestId())).isTrue();
        }
        openAnew();
        try (PinService service = service(1000)) {
            var _ = await(service, service.add(owner, pin(block(2, 10))), PinState.PINNED);
            assertThat(calls("pin/rm")).isZero();
            assertThat(fake.pins()).contains(cid.toString());
        }
    }

    @Test
    void start_unfinishedRequestsAndRemovals_areGoneOnWith() throws IOException {
        Cid kept = block(1, 10);
        Cid gone = block(2, 10);
        AtomicBoolean down = new AtomicBoolean();
        fake.on("pin/rm", (call, wire) -> wire.cut());
        PinStatus queued;
        try (PinService service = service(1000)) {
            PinStatus removed = await(service, service.add(owner, pin(gone)), PinState.PINNED);
            assertThat(service.remove(owner, removed.requestId())).isTrue();
            await(() -> calls("pin/rm") > 0);
            fake.on("pin/ls", (call, wire) -> wire.cut());
            queued = service.add(owner, pin(kept));
        }
        openAnew();
        fake.close();
        kubo.close();
        FakeKubo next = new FakeKubo();
        next.blocks().putAll(fake.blocks());
        next.pins().addAll(fake.pins());
        fake = next;
        kubo = next.client();
        assertThat(down).isFalse();
        try (PinService service = service(1000)) {
            var _ = await(service, queued, PinState.PINNED);
            await(() -> fake.pins().equals(Set.of(kept.toString())));
        }
    }

    @Test
    void add_daemonIsAway_waitsForIt() throws IOException {
        AtomicBoolean away = new AtomicBoolean(true);
        Cid cid = block(1, 10);
        fake.on("pin/ls", (call, wire) -> {
            if (away.get()) {
                wire.cut();
            } else {
                wire.failure("path '" + cid + "' is not pinned");
            }
        });
        try (PinService service = service(1000)) {
            PinStatus added = service.add(owner, pin(cid));
            await(() -> calls("pin/ls") > PinServiceOptions.MAX_ATTEMPTS + 1);
            assertThat(service.find(owner, added.requestId()).map(PinStatus::state))
                    .contains(PinState.QUEUED);
            away.set(false);
            var _ = await(service, added, PinState.PINNED);
        }
    }

    @Test
    void add_blocksThatNobodyHas_failAfterSomeAttempts() throws IOException {
        Cid cid = Cid.hash(Codec.RAW, new byte[] {1});
        try (PinService service = service(1000)) {
            PinStatus failed = await(service, service.add(owner, pin(cid)), PinState.FAILED);
            assertThat(failed.info().get("status_details"))
                    .isEqualTo("not all blocks could be had, tried " + PinServiceOptions.MAX_ATTEMPTS + " times");
        }
    }

    @Test
    void replace_newOneComes_oldPinGoesOnlyThen() throws Exception {
        Cid before = block(1, 10);
        Cid after = block(2, 10);
        CountDownLatch comes = new CountDownLatch(1);
        try (PinService service = service(1000)) {
            PinStatus old = await(service, service.add(owner, pin(before)), PinState.PINNED);
            fake.on("pin/add", (call, wire) -> {
                wire.begin("application/json").line("{\"Progress\":1}");
                await(comes);
                fake.pins().add(call.arg());
                wire.line("{\"Pins\":[\"" + call.arg() + "\"]}").end();
            });
            PinStatus replaced =
                    service.replace(owner, old.requestId(), pin(after)).orElseThrow();
            assertThat(replaced.requestId()).isNotEqualTo(old.requestId());
            assertThat(service.find(owner, old.requestId())).isEmpty();
            var _ = await(service, replaced, PinState.PINNING);
            assertThat(fake.pins()).containsExactly(before.toString());
            comes.countDown();
            var _ = await(service, replaced, PinState.PINNED);
            await(() -> fake.pins().equals(Set.of(after.toString())));
            assertThat(service.replace(owner, old.requestId(), pin(after))).isEqualTo(Optional.empty());
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Test
    void check_tokenRevoked_whatItHadKeptGoes() throws IOException {
        Token friend = token("leaving");
        Cid cid = block(1, 10);
        try (PinService service = service(1000, SOON)) {
            var _ = service.add(friend.id(), pin(cid));
            await(() -> service.count(PinState.PINNED) == 1);
            assertThat(tokens.revoke(friend.id())).isPresent();
            await(() -> fake.pins().isEmpty() && service.count(PinState.PINNED) == 0);
        }
    }

    @Test
    void check_pinLostAtTheDaemon_isFetchedAgain() throws IOException {
        Cid cid = block(1, 10);
        try (PinService service = service(1000, SOON)) {
            PinStatus added = await(service, service.add(owner, pin(cid)), PinState.PINNED);
            fake.pins().clear();
            await(() -> fake.pins().contains(cid.toString()));
            var _ = await(service, added, PinState.PINNED);
        }
    }
}
