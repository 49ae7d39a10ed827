package dev.narsil.gateway.ipfs.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.gateway.download.DownloadException;
import dev.narsil.gateway.download.DownloadFixture;
import dev.narsil.gateway.download.FaultyServer;
import dev.narsil.gateway.download.FaultyServer.Fault;
import dev.narsil.gateway.kubo.FakeCall;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.kubo.FakeWire;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class IpfsFetchTest {

    private static final byte[] NAR =
            new RandomNar(11, StoreDir.DEFAULT, 40, 200 << 10).bytes(RandomNar.digests(11, 6));

    @TempDir
    private Path directory;

    private static FakeKubo.Handler afterBlocks(FakeKubo fake, int blocks, FakeKubo.Handler then) {
        AtomicInteger given = new AtomicInteger();
        return (call, wire) -> {
            if (given.getAndIncrement() < blocks) {
                fake.blockGet(call, wire);
            } else {
                then.answer(call, wire);
            }
        };
    }

    private static boolean isOffline(FakeCall call) {
        return "true".equals(call.option("offline"));
    }

    private static void hang(FakeCall call, FakeWire wire) throws IOException {
        wire.hang();
    }

    @Test
    void open_nobodyElseHasIt_comesFromIpfsAndIsStored() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            assertThat(fixture.download.read()).isEqualTo(NAR);

            fixture.download.awaitIdle();
            assertThat(fixture.download.stored()).isEqualTo(NAR);
            assertThat(fixture.download.store.path(fixture.download.path.path().digest()))
                    .contains(fixture.download.path);
            assertThat(fixture.fake.pins()).isEmpty();
            assertThat(fixture.fetch().state().bytes()).isPositive();
            assertThat(fixture.download.downloads.state().wonByIpfs()).isOne();
            assertThat(fixture.download.downloads.state().wonByHttp()).isZero();
        }
    }

    @Test
    void open_range_comesFromIpfs() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            assertThat(fixture.download.read(NAR.length / 2, 1000))
                    .isEqualTo(Arrays.copyOfRange(NAR, NAR.length / 2, NAR.length / 2 + 1000));
        }
    }

    @Test
    void offer_noRootIsKnown_asksTheDaemonNothing() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            fixture.roots.clear();
            assertThat(fixture.download.downloads.offer(fixture.download.narHash))
                    .isEmpty();
            FaultyServer server = fixture.download.holder(Compression.XZ, _ -> Fault.NONE);

            assertThat(fixture.download.read()).isEqualTo(NAR);

            assertThat(server.requests()).isOne();
            assertThat(fixture.fake.calls()).isEmpty();
            assertThat(fixture.download.downloads.state().wonByHttp()).isOne();
        }
    }

    @Test
    void open_upstreamIsDead_comesFromIpfs() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            fixture.download.holder(Compression.XZ, _ -> Fault.NONE).close();

            assertThat(fixture.download.read()).isEqualTo(NAR);
        }
    }

    @Test
    void open_upstreamHangs_comesFromIpfs() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            fixture.download.holder(Compression.NONE, _ -> Fault.NONE.hangingAt(-1));

            assertThat(fixture.download.read()).isEqualTo(NAR);
        }
    }

    @Test
    void open_daemonStoresIt_isNotHadFromTheUpstream() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            CountDownLatch never = new CountDownLatch(1);
            FaultyServer server = fixture.download.holder(Compression.NONE, _ -> Fault.NONE.heldAt(0, never));

            assertThat(fixture.download.read()).isEqualTo(NAR);

            assertThat(fixture.fetch().state().opened()).isOne();
            assertThat(server.requests()).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void open_daemonHangs_comesFromTheUpstream() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            fixture.fake.on("block/get", IpfsFetchTest::hang);
            fixture.download.holder(Compression.XZ, _ -> Fault.NONE);

            assertThat(fixture.download.read()).isEqualTo(NAR);
        }
    }

    @Test
    void open_daemonIsDead_comesFromTheUpstream() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            fixture.fake.close();
            fixture.download.holder(Compression.XZ, _ -> Fault.NONE);

            assertThat(fixture.download.read()).isEqualTo(NAR);
        }
    }

    @Test
    void open_daemonWantsASecret_comesFromTheUpstream() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            fixture.fake.wanting("Bearer secret");
            fixture.download.holder(Compression.XZ, _ -> Fault.NONE);

            assertThat(fixture.download.read()).isEqualTo(NAR);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"NONE", "XZ", "ZSTD"})
    void open_upstreamBreaksOffInTheMiddle_isContinuedFromIpfs(Compression compression) throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            // what the daemon would have to fetch is asked for second
            fixture.fake.on("block/get", (call, wire) -> {
                if (isOffline(call)) {
                    wire.failure("block was not found locally (offline): ipld: could not find " + call.arg());
                } else {
                    fixture.fake.blockGet(call, wire);
                }
            });
            fixture.download.holder(
                    compression, request -> request == 0 ? Fault.NONE.cutAt(300_000) : Fault.NONE.withStatus(500));

            assertThat(fixture.download.read()).isEqualTo(NAR);

            assertThat(fixture.download.downloads.state().switched()).isOne();
            // what had come is not fetched again
            assertThat(fixture.fetch().state().bytes()).isLessThan(NAR.length - 150_000);
        }
    }

    @Test
    void open_upstreamStallsInTheMiddle_isContinuedFromIpfs() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            fixture.fake.on("block/get", (call, wire) -> {
                if (isOffline(call)) {
                    wire.failure("block was not found locally (offline): ipld: could not find " + call.arg());
                } else {
                    fixture.fake.blockGet(call, wire);
                }
            });
            fixture.download.holder(Compression.NONE, _ -> Fault.NONE.hangingAt(300_000));

            assertThat(fixture.download.read()).isEqualTo(NAR);
            assertThat(fixture.download.downloads.state().switched()).isOne();
        }
    }

    @Test
    void open_daemonHangsInTheMiddle_isContinuedFromTheUpstream() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            fixture.fake.on("block/get", afterBlocks(fixture.fake, 12, IpfsFetchTest::hang));
            FaultyServer server = fixture.download.holder(Compression.NONE, _ -> Fault.NONE);

            assertThat(fixture.download.read()).isEqualTo(NAR);
            assertThat(server.requests()).isPositive();
        }
    }

    @Test
    void open_daemonIsKilledInTheMiddle_isContinuedFromTheUpstream() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            fixture.fake.on("block/get", afterBlocks(fixture.fake, 12, (call, wire) -> {
                fixture.fake.close();
                wire.cut();
            }));
            fixture.download.holder(Compression.XZ, _ -> Fault.NONE);

            assertThat(fixture.download.read()).isEqualTo(NAR);
        }
    }

    @Test
    void open_daemonLies_comesFromTheUpstreamAndNoWrongByteIsGivenOut() throws Exception {
        CountDownLatch lied = new CountDownLatch(1);
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            fixture.fake.on("block/get", afterBlocks(fixture.fake, 12, (call, wire) -> {
                wire.begin("application/vnd.ipld.raw").chunk(new byte[1000]).end();
                lied.countDown();
            }));
            fixture.download.holder(Compression.XZ, _ -> Fault.NONE.heldAt(-1, lied));

            assertThat(fixture.download.read()).isEqualTo(NAR);
        }
    }

    @Test
    void open_daemonLiesAndNobodyElseHasIt_failsAndSaysWhy() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            fixture.fake.on(
                    "block/get",
                    afterBlocks(
                            fixture.fake,
                            12,
                            (call, wire) -> wire.begin("application/vnd.ipld.raw")
                                    .chunk(new byte[1000])
                                    .end()));

            assertThatThrownBy(fixture.download::read)
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining("1000 bytes that are not");
            assertThat(fixture.fetch().state().lies()).isPositive();
            assertThat(fixture.download.stored()).isNull();
        }
    }

    @Test
    void open_rootIsThatOfAnotherNar_failsAndIsNotStored() throws Exception {
        byte[] other = NAR.clone();
        other[other.length / 2] ^= 1;
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            Published wrong = Published.of(other, directory.resolve("other"));
            fixture.fake.blocks().putAll(wrong.blocks());
            fixture.roots.put(fixture.download.narHash, List.of(wrong.root()));

            assertThatThrownBy(fixture.download::read)
                    .isInstanceOf(DownloadException.class)
                    .extracting(e -> ((DownloadException) e).kind())
                    .isEqualTo(DownloadException.Kind.WRONG);
            assertThat(fixture.download.stored()).isNull();

            // and the next try does without it
            fixture.download.holder(Compression.XZ, _ -> Fault.NONE);
            assertThat(fixture.download.read()).isEqualTo(NAR);
        }
    }

    /** Makes a file that the daemon has, and that is told to be the NAR before the one which is. */
    private Cid toldFirst(FetchFixture fixture, byte[] other) throws IOException {
        Published wrong = Published.of(other, directory.resolve("other"));
        fixture.fake.blocks().putAll(wrong.blocks());
        fixture.roots.put(fixture.download.narHash, List.of(wrong.root(), fixture.published.root()));
        return wrong.root();
    }

    @Test
    void open_firstOfTwoRootsIsThatOfAnotherNar_nextRequestHasItFromTheSecond() throws Exception {
        byte[] other = NAR.clone();
        other[other.length / 2] ^= 1;
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            Cid wrong = toldFirst(fixture, other);
            // so that the right one does not win the race
            fixture.fake.on("block/get", (call, wire) -> {
                if (call.arg().equals(fixture.published.root().toString()) && !isOffline(call)) {
                    wire.failure("not now");
                } else {
                    fixture.fake.blockGet(call, wire);
                }
            });
            assertThatThrownBy(fixture.download::read)
                    .isInstanceOf(DownloadException.class)
                    .hasMessageContaining("IPFS " + wrong)
                    .extracting(e -> ((DownloadException) e).kind())
                    .isEqualTo(DownloadException.Kind.WRONG);
            assertThat(fixture.download.stored()).isNull();

            fixture.fake.on("block/get", fixture.fake::blockGet);
            assertThat(fixture.download.read()).isEqualTo(NAR);
            fixture.download.awaitIdle();
            assertThat(fixture.download.stored()).isEqualTo(NAR);
        }
    }

    @Test
    void open_firstOfTwoRootsIsOfAnotherSize_comesFromTheSecondAtOnce() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            var _ = toldFirst(fixture, DownloadFixture.nar(5, 300_000));

            assertThat(fixture.download.read()).isEqualTo(NAR);
        }
    }

    @Test
    void open_nobodyHasTheFirstOfTwoRoots_comesFromTheSecondAtOnce() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            Cid nowhere = Cid.hash(Codec.DAG_PB, new byte[] {1});
            fixture.roots.put(fixture.download.narHash, List.of(nowhere, fixture.published.root()));
            fixture.fake.on("block/get", (call, wire) -> {
                if (call.arg().equals(nowhere.toString()) && !isOffline(call)) {
                    wire.hang();
                } else {
                    fixture.fake.blockGet(call, wire);
                }
            });

            assertThat(fixture.download.read()).isEqualTo(NAR);
        }
    }

    @Test
    void open_firstOfTwoRootsIsNoFile_comesFromTheSecondAtOnce() throws Exception {
        try (FetchFixture fixture = new FetchFixture(directory, NAR)) {
            Cid manifest = Cid.hash(Codec.DAG_CBOR, new byte[] {1});
            fixture.roots.put(fixture.download.narHash, List.of(manifest, fixture.published.root()));

            assertThat(fixture.download.read()).isEqualTo(NAR);
        }
    }

    @Test
    void open_nobodyInTheNetworkHasIt_isRememberedForAWhile() throws Exception {
        FetchLimits limits = new FetchLimits(
                Duration.ofMillis(500),
                Duration.ofMillis(10),
                Duration.ofMillis(100),
                Duration.ofMillis(100),
                Duration.ofSeconds(10),
                Duration.ofMinutes(5),
                Duration.ofMinutes(5));
        try (FetchFixture fixture = new FetchFixture(directory, NAR, limits)) {
            fixture.roots.put(fixture.download.narHash, List.of(Cid.hash(Codec.DAG_PB, new byte[] {1})));
            fixture.fake.on("block/get", (call, wire) -> {
                if (isOffline(call)) {
                    wire.failure("block was not found locally (offline): ipld: could not find " + call.arg());
                } else {
                    wire.hang();
                }
            });

            assertThatThrownBy(fixture.download::read).isInstanceOf(DownloadException.class);
            assertThat(fixture.fetch().state().misses()).isPositive();
            assertThat(fixture.download.downloads.offer(fixture.download.narHash))
                    .isEmpty();
        }
    }

    @Test
    void open_daemonIsSlowAllTheTime_isContinuedFromTheUpstream() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch ahead = new CountDownLatch(70);
        Semaphore oneAtATime = new Semaphore(1, true);
        try (FetchFixture fixture = new FetchFixture(directory, DownloadFixture.nar(4, 32 << 20))) {
            fixture.fake.on("block/get", (call, wire) -> {
                oneAtATime.acquireUninterruptibly();
                wire.pause(never, Duration.ofMillis(10));
                oneAtATime.release();
                fixture.fake.blockGet(call, wire);
                ahead.countDown();
            });
            // gives nothing before the daemon has given more than it can without the first bytes
            fixture.download.holder(Compression.XZ, _ -> Fault.NONE.heldAt(-1, ahead));

            assertThat(fixture.download.read()).isEqualTo(fixture.download.nar);

            assertThat(fixture.download.downloads.state().wonByIpfs()).isOne();
            assertThat(fixture.download.downloads.state().switched()).isOne();
        }
    }

    @Test
    void open_manyBlocks_neverMoreThanTheWindowAtATime() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch never = new CountDownLatch(1);
        try (FetchFixture fixture = new FetchFixture(directory, DownloadFixture.nar(3, 8 << 20))) {
            fixture.fake.on("block/get", (call, wire) -> {
                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                wire.pause(never, Duration.ofMillis(20));
                // before the answer, lest the next call comes sooner
                now.decrementAndGet();
                fixture.fake.blockGet(call, wire);
            });

            assertThat(fixture.download.read()).isEqualTo(fixture.download.nar);
            assertThat(most.get()).isBetween(8, FileStream.MAX_ON_THE_WAY);
        }
    }
}
