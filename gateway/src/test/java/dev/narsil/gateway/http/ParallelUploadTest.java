package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.gateway.http.UploadServer.Parcel;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.upload.UploadOptions;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many uploads at a time, as clients from Nix 2.35 on send them: all NARs at once and the largest first, then the narinfos. */
@Timeout(300)
class ParallelUploadTest {

    private static final int UPLOADS = 200;
    private static final int SLOW_UPLOADS = 8;
    private static final int SLOW_BYTES = 8 << 20;
    private static final Compression[] COMPRESSIONS = {
        Compression.XZ, Compression.ZSTD, Compression.NONE, Compression.XZ, Compression.BZIP2, Compression.BR
    };

    @Test
    void put_manyAtATimeInLittleMemory_allAreStored(@TempDir Path directory) throws Exception {
        List<Parcel> packages = new ArrayList<>();
        for (int i = 0; i < UPLOADS; i++) {
            byte[] nar = new RandomNar(i, StoreDir.DEFAULT, 1 + i % 7, 100_000).bytes(RandomNar.digests(i, 3));
            packages.add(Parcel.of(i, nar, COMPRESSIONS[i % COMPRESSIONS.length]));
        }
        packages.sort(Comparator.comparingInt((Parcel one) -> one.nar().length).reversed());
        try (UploadServer server = new UploadServer(directory);
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch allAdmitted = new CountDownLatch(UPLOADS);
            List<Future<Integer>> nars = new ArrayList<>();
            for (Parcel one : packages) {
                nars.add(clients.submit(() -> upload(server, one, allAdmitted)));
            }
            for (Future<Integer> nar : nars) {
                assertThat(nar.get()).isEqualTo(200);
            }
            List<Future<Integer>> narInfos = new ArrayList<>();
            for (Parcel one : packages) {
                narInfos.add(clients.submit(
                        () -> server.put(one.narInfoPath(), one.narInfo()).status()));
            }
            for (Future<Integer> narInfo : narInfos) {
                assertThat(narInfo.get()).isIn(200, 503);
            }
            for (Parcel one : packages) {
                assertThat(server.put(one.narInfoPath(), one.narInfo()).status())
                        .isEqualTo(200);
                assertThat(server.download(one.info())).isEqualTo(one.nar());
            }
            assertThat(server.uploads.narsInFlight()).isZero();
        }
    }

    /**
     * All clients have sent all but the end before any of them sends that, as over lines that are slow: nobody may be held up because
     * others have the memory. Bodies are longer than what lies in buffers on the way.
     */
    @Test
    void put_manyOverSlowLinesInLittleMemory_nobodyIsHeldUp(@TempDir Path directory) throws Exception {
        List<Parcel> packages = new ArrayList<>();
        for (int i = 0; i < SLOW_UPLOADS; i++) {
            packages.add(Parcel.of(i, ServedStore.largeNar(i, SLOW_BYTES), Compression.NONE));
        }
        UploadOptions little = UploadServer.OPTIONS.withSpace(16, 0);
        try (UploadServer server = new UploadServer(directory, little, (BlockStore store) -> store);
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch allSentMost = new CountDownLatch(SLOW_UPLOADS);
            List<Future<Integer>> nars = new ArrayList<>();
            for (Parcel one : packages) {
                nars.add(clients.submit(() -> uploadSlowly(server, one, allSentMost)));
            }
            for (Future<Integer> nar : nars) {
                assertThat(nar.get()).isEqualTo(200);
            }
            assertThat(server.uploads.narsWaiting()).isZero();
            for (Parcel one : packages) {
                assertThat(server.put(one.narInfoPath(), one.narInfo()).status())
                        .isEqualTo(200);
                assertThat(server.download(one.info())).isEqualTo(one.nar());
            }
        }
    }

    private static int uploadSlowly(UploadServer server, Parcel one, CountDownLatch allSentMost)
            throws IOException, InterruptedException {
        int last = 1000;
        try (RawClient client = server.client()) {
            client.request("PUT", one.narPath(), "Content-Length: " + one.file().length, "Expect: 100-continue");
            assertThat(client.receive(false).status()).isEqualTo(100);
            client.send(one.file(), 0, one.file().length - last);
            allSentMost.countDown();
            allSentMost.await();
            client.send(one.file(), one.file().length - last, last);
            return client.receive(false).status();
        }
    }

    /** Uploads a NAR, of which no byte is sent before all others were admitted too. */
    private static int upload(UploadServer server, Parcel one, CountDownLatch allAdmitted)
            throws IOException, InterruptedException {
        try (RawClient client = server.client()) {
            client.request("PUT", one.narPath(), "Content-Length: " + one.file().length, "Expect: 100-continue");
            int first = client.receive(false).status();
            allAdmitted.countDown();
            allAdmitted.await();
            if (first != 100) {
                return first;
            }
            client.send(one.file(), 0, one.file().length);
            return client.receive(false).status();
        }
    }
}
