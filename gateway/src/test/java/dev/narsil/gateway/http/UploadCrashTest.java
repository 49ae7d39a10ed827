package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.NarReader;
import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.VerifyProgress;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.http.UploadServer.Parcel;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kills a server that takes uploads, again and again: what it said it stored is there, and nothing half. */
@Timeout(300)
class UploadCrashTest {

    private static final int KILLS = 6;
    private static final int CLIENTS = 4;
    private static final int MOST_PATHS = 12;
    private static final long LONGEST_NANOS = Duration.ofMillis(150).toNanos();
    private static final long POLL_NANOS = Duration.ofMillis(1).toNanos();
    private static final Compression[] COMPRESSIONS = {Compression.NONE, Compression.XZ, Compression.ZSTD};

    private final AtomicLong next = new AtomicLong();
    private final Set<Long> narsStored = ConcurrentHashMap.newKeySet();
    private final Set<Long> pathsStored = ConcurrentHashMap.newKeySet();

    /** The server that is killed: says its port, then serves for ever. */
    static final class Victim {

        private Victim() {}

        @SuppressWarnings("SystemOut")
        public static void main(String[] arguments) throws IOException {
            UploadServer server = new UploadServer(Path.of(arguments[0]));
            System.out.println(server.server.address().getPort());
            while (true) {
                LockSupport.park(server);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = 42)
    void server_killedAtRandomMoments_keptWhatItSaidItStored(long seed, @TempDir Path directory) throws Exception {
        Random moments = new Random(seed);
        for (int kill = 0; kill < KILLS; kill++) {
            serveAndKill(directory, kill == 0 ? 0 : 1 + moments.nextInt(MOST_PATHS), moments.nextLong(LONGEST_NANOS));
        }
        assertThat(pathsStored).as("paths stored").hasSizeGreaterThanOrEqualTo(KILLS - 1);
        try (NarStore store = new NarStore(RocksBlockStore.open(directory, StoreOptions.DEFAULT), 1 << 20)) {
            assertThat(store.verify(VerifyProgress.NONE).problems()).isEmpty();
            for (long number : narsStored) {
                Parcel one = of(number);
                assertThat(read(store, one.info().narHash())).isEqualTo(one.nar());
            }
            for (long number : pathsStored) {
                assertThat(store.path(of(number).info().path().digest()))
                        .contains(of(number).info());
            }
            store.forEachPath(info -> assertThat(read(store, info.narHash())).isNotEmpty());
        }
        try (UploadServer server = new UploadServer(directory)) {
            for (long number = 0; number < next.get(); number++) {
                assertThat(server.put(of(number))).containsExactly(200, 200);
            }
        }
    }

    /** Serves until clients were told of some paths, and a little longer. */
    private void serveAndKill(Path directory, int paths, long nanos) throws Exception {
        Process victim = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Victim.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                        new BufferedReader(new InputStreamReader(victim.getInputStream(), StandardCharsets.US_ASCII));
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            InetSocketAddress address =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(out.readLine()));
            List<Future<?>> ended = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                ended.add(clients.submit(() -> uploadUntilItDies(address)));
            }
            int enough = pathsStored.size() + paths;
            while (pathsStored.size() < enough && victim.isAlive()) {
                LockSupport.parkNanos(POLL_NANOS);
            }
            LockSupport.parkNanos(nanos);
            // not of Process, which would close the stream
            victim.toHandle().destroyForcibly();
            for (Future<?> client : ended) {
                var _ = client.get();
            }
        }
        assertThat(victim.waitFor()).as("killed, not ended").isEqualTo(128 + 9);
    }

    private void uploadUntilItDies(InetSocketAddress address) {
        try (RawClient client = new RawClient(address)) {
            while (true) {
                long number = next.getAndIncrement();
                Parcel one = of(number);
                assertThat(UploadServer.put(client, one.narPath(), one.file()).status())
                        .isEqualTo(200);
                narsStored.add(number);
                assertThat(UploadServer.put(client, one.narInfoPath(), one.narInfo())
                                .status())
                        .isEqualTo(200);
                pathsStored.add(number);
            }
        } catch (IOException e) {
            assertThat(e).isNotNull();
        }
    }

    private static Parcel of(long number) {
        return Parcel.small(number, COMPRESSIONS[(int) (number % COMPRESSIONS.length)]);
    }

    private static byte[] read(NarStore store, Sha256 narHash) throws IOException {
        try (NarReader reader = store.openNar(narHash).orElseThrow()) {
            java.io.ByteArrayOutputStream nar = new java.io.ByteArrayOutputStream();
            for (NarSlice slice = reader.next(); slice != null; slice = reader.next()) {
                nar.write(slice.array(), slice.offset(), slice.length());
            }
            return nar.toByteArray();
        }
    }
}
