package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.gateway.http.UploadServer.Parcel;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.upload.UploadOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Uploads that are cut at every byte: nothing of them is visible, and each can be repeated. */
@Timeout(120)
class UploadCutTest {

    @ParameterizedTest
    @EnumSource(
            value = Compression.class,
            names = {"NONE", "XZ", "ZSTD"})
    void put_cutAtAnyByte_leavesNothing(Compression compression, @TempDir Path directory)
            throws IOException, InterruptedException {
        try (UploadServer server = new UploadServer(directory)) {
            Parcel uploaded = Parcel.of(1, ServedStore.largeNar(1, 40), compression);
            for (int k = 0; k < uploaded.file().length; k++) {
                cut(server, uploaded.narPath(), uploaded.file(), k, k % 2 == 0);
            }
            settle(server);
            assertThat(records(server, Table.NAR)).isEmpty();
            assertThat(records(server, Table.UNCLAIMED)).isEmpty();
            assertThat(records(server, Table.ALIAS)).isEmpty();
            assertThat(server.uploads.narsInFlight()).isZero();
            assertThat(server.put(uploaded.narPath(), uploaded.file()).status()).isEqualTo(200);
            for (int k = 0; k < uploaded.narInfo().length; k++) {
                cut(server, uploaded.narInfoPath(), uploaded.narInfo(), k, k % 2 == 0);
            }
            settle(server);
            assertThat(records(server, Table.PATH)).isEmpty();
            assertThat(server.put(uploaded.narInfoPath(), uploaded.narInfo()).status())
                    .isEqualTo(200);
            assertThat(server.download(uploaded.info())).isEqualTo(uploaded.nar());
        }
    }

    /** In so little memory that nothing is decoded before all of it is on the disk. */
    @Test
    void put_cutAtAnyByteOnItsWayToTheDisk_leavesNothing(@TempDir Path directory)
            throws IOException, InterruptedException {
        UploadOptions little = UploadServer.OPTIONS.withSpace(1, 0);
        try (UploadServer server = new UploadServer(directory, little, (BlockStore store) -> store)) {
            Parcel uploaded = Parcel.of(3, ServedStore.largeNar(3, 40), Compression.XZ);
            for (int k = 0; k < uploaded.file().length; k++) {
                cut(server, uploaded.narPath(), uploaded.file(), k, k % 2 == 0);
            }
            settle(server);
            assertThat(records(server, Table.NAR)).isEmpty();
            assertThat(server.uploads.narsWaiting()).isZero();
            assertThat(server.put(uploaded)).containsExactly(200, 200);
            assertThat(server.download(uploaded.info())).isEqualTo(uploaded.nar());
            try (Stream<Path> files = Files.list(directory.resolve("spool"))) {
                assertThat(files).isEmpty();
            }
        }
    }

    @Test
    void put_cutInTheHeaders_leavesNothing(@TempDir Path directory) throws IOException, InterruptedException {
        try (UploadServer server = new UploadServer(directory)) {
            Parcel uploaded = Parcel.small(2, Compression.XZ);
            String head = "PUT " + uploaded.narPath() + " HTTP/1.1\r\nHost: cache\r\nExpect: 100-continue\r\n"
                    + "Content-Length: " + uploaded.file().length + "\r\n\r\n";
            for (int k = 0; k < head.length(); k++) {
                try (RawClient client = server.client()) {
                    client.send(head.substring(0, k));
                    client.vanish();
                }
            }
            assertThat(server.put(uploaded)).containsExactly(200, 200);
        }
    }

    /** Sends {@code k} bytes of a body, then ends the connection in one of two ways. */
    private static void cut(UploadServer server, String path, byte[] body, int k, boolean reset)
            throws IOException, InterruptedException {
        try (RawClient client = server.client()) {
            client.request("PUT", path, "Content-Length: " + body.length, "Expect: 100-continue");
            assertThat(client.receive(false).status()).isEqualTo(100);
            client.send(body, 0, k);
            if (reset) {
                client.vanish();
            }
        }
    }

    /** Waits until the server has seen all uploads before this end. */
    private static void settle(UploadServer server) throws IOException, InterruptedException {
        while (server.uploads.narsInFlight() > 0) {
            Thread.sleep(1);
        }
        server.store.flush();
    }

    private static List<byte[]> records(UploadServer server, Table table) throws IOException, InterruptedException {
        List<byte[]> keys = new ArrayList<>();
        server.store.forEachRecord(table, (key, value) -> keys.add(key));
        return keys;
    }
}
