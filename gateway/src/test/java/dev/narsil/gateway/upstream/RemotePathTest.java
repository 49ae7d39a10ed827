package dev.narsil.gateway.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.upstream.RemotePathCodec.NarPath;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemotePathTest {

    private static final Instant FETCHED = Instant.parse("2026-11-21T14:00:00Z");
    private static final SignedPath PATH = SignedPath.of(1, SignedPath.path(2));

    private static RemotePath remote(SignedPath path, Instant fetched) {
        return new RemotePath(
                "https://cache.example/nix",
                path.narInfo(),
                path.text().getBytes(StandardCharsets.ISO_8859_1),
                fetched);
    }

    private static byte[] golden(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(RemotePathTest.class.getResourceAsStream(name), name)) {
            return HexFormat.of()
                    .parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", ""));
        }
    }

    @Test
    void encode_path_isAsSpecified() throws IOException {
        assertThat(RemotePathCodec.encode(remote(PATH, FETCHED))).isEqualTo(golden("remote-path.hex"));
    }

    @Test
    void encodeNar_path_isAsSpecified() throws IOException {
        assertThat(RemotePathCodec.encodeNar(new NarPath(PATH.digest(), FETCHED)))
                .isEqualTo(golden("remote-nar.hex"));
    }

    @Test
    void decode_whatWasEncoded_isThat() throws IOException {
        RemotePath read = RemotePathCodec.decode(StoreDir.DEFAULT, golden("remote-path.hex"));

        assertThat(read.upstream()).isEqualTo("https://cache.example/nix");
        assertThat(read.fetched()).isEqualTo(FETCHED);
        assertThat(read.text()).asString(StandardCharsets.ISO_8859_1).isEqualTo(PATH.text());
        assertThat(read.narInfo()).isEqualTo(PATH.narInfo());
        assertThat(RemotePathCodec.decodeNar(golden("remote-nar.hex"))).isEqualTo(new NarPath(PATH.digest(), FETCHED));
    }

    @Test
    void decode_anyByteChangedOrMissing_isRefused() throws IOException {
        byte[] bytes = golden("remote-path.hex");
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= 1;
            byte[] cut = Arrays.copyOf(bytes, i);
            assertThatThrownBy(() -> RemotePathCodec.decode(StoreDir.DEFAULT, changed))
                    .isInstanceOf(FormatException.class);
            assertThatThrownBy(() -> RemotePathCodec.decode(StoreDir.DEFAULT, cut))
                    .isInstanceOf(FormatException.class);
        }
    }

    @Test
    void sweep_oldRecords_areDropped(@TempDir Path directory) throws IOException {
        try (NarStore store = new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES)) {
            SignedPath young = SignedPath.of(3);
            List<Entry> entries = new ArrayList<>(RemotePathCodec.entries(remote(PATH, FETCHED)));
            entries.addAll(RemotePathCodec.entries(remote(young, FETCHED.plusSeconds(1))));
            store.write(entries).join();
            RemotePaths paths = new RemotePaths(store, Runnable::run, Duration.ofMinutes(1), path -> true);

            paths.sweep(FETCHED.plus(RemotePaths.KEPT));
            store.flush();
            assertThat(store.record(Table.REMOTE, PATH.digest().bytes())).isNotNull();

            paths.sweep(FETCHED.plus(RemotePaths.KEPT).plusSeconds(1));
            store.flush();
            assertThat(store.record(Table.REMOTE, PATH.digest().bytes())).isNull();
            assertThat(store.record(Table.REMOTE, PATH.narHash().bytes())).isNull();
            assertThat(paths.find(young.digest())).isNotNull();
            assertThat(paths.holding(young.narHash())).isNotNull();
        }
    }

    @Test
    void sweep_recordThatCannotBeRead_isDropped(@TempDir Path directory) throws IOException {
        try (NarStore store = new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES)) {
            byte[] key = PATH.digest().bytes();
            store.write(List.of(new Entry(Table.REMOTE, key, new byte[] {1, 2, 3})))
                    .join();
            RemotePaths paths = new RemotePaths(store, Runnable::run, Duration.ofMinutes(1), path -> true);

            paths.sweep(FETCHED);
            store.flush();

            assertThat(store.record(Table.REMOTE, key)).isNull();
        }
    }
}
