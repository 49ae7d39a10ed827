package dev.narsil.gateway.http;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.Compressed;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.upload.NarSupply;
import dev.narsil.gateway.upload.UploadOptions;
import dev.narsil.gateway.upload.Uploads;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/** A server that takes uploads into a real store, and what a client sends to it. */
final class UploadServer implements AutoCloseable {

    /** What tests let a server have: little memory, and a disk of which they say how full it is. */
    static final UploadOptions OPTIONS = UploadOptions.DEFAULT.withSpace(64, 0);

    final NarStore store;
    final Uploads uploads;
    final CacheServer server;
    final AtomicLong usableBytes = new AtomicLong(Long.MAX_VALUE / 2);

    UploadServer(Path directory) throws IOException {
        this(directory, OPTIONS, UnaryOperator.identity());
    }

    UploadServer(Path directory, UploadOptions options, UnaryOperator<BlockStore> around) throws IOException {
        store = new NarStore(
                around.apply(RocksBlockStore.open(directory, StoreOptions.DEFAULT)),
                StoreOptions.DEFAULT_PACK_CACHE_BYTES);
        uploads = new Uploads(store, options, directory.resolve("spool"), usableBytes::get, NarSupply.NONE);
        server = CacheServer.start(Services.of(store).withUploads(uploads), ServedStore.OPTIONS);
    }

    /** A NAR and its file as a client uploads them. */
    @SuppressWarnings("ArrayRecordComponent")
    record Parcel(byte[] nar, Compression compression, byte[] file, PathInfo info) {

        static Parcel of(long seed, byte[] nar, Compression compression) {
            PathInfo info = new PathInfo(
                    new StorePath(RandomNar.digests(seed, 1).getFirst(), "package-" + seed),
                    Sha256.hash(nar),
                    null,
                    nar.length,
                    List.of(),
                    null,
                    null,
                    List.of(),
                    null,
                    List.of());
            return new Parcel(nar, compression, Compressed.one(compression, nar), info);
        }

        /** One of some KB. */
        static Parcel small(long seed, Compression compression) {
            return of(
                    seed,
                    new RandomNar(seed, StoreDir.DEFAULT, 8, 1000).bytes(RandomNar.digests(seed, 3)),
                    compression);
        }

        Sha256 fileHash() {
            return Sha256.hash(file);
        }

        String narPath() {
            return "/" + url();
        }

        String url() {
            return "nar/" + fileHash().toBase32() + ".nar" + compression.fileSuffix();
        }

        String narInfoPath() {
            return ServedStore.narInfoPath(info);
        }

        byte[] narInfo() {
            return narInfo(info);
        }

        byte[] narInfo(PathInfo other) {
            return new NarInfo(other, url(), compression.toString(), fileHash().toString(), (long) file.length)
                    .printBytes(StoreDir.DEFAULT);
        }
    }

    RawClient client() throws IOException {
        return new RawClient(server.address());
    }

    RawResponse get(String path, String... headers) throws IOException {
        try (RawClient client = client()) {
            return client.exchange("GET", path, headers);
        }
    }

    RawResponse head(String path) throws IOException {
        try (RawClient client = client()) {
            return client.exchange("HEAD", path);
        }
    }

    /** Uploads as curl does: waits for {@code 100 Continue} or an answer instead of it. */
    RawResponse put(String path, byte[] body, String... headers) throws IOException {
        try (RawClient client = client()) {
            return put(client, path, body, headers);
        }
    }

    static RawResponse put(RawClient client, String path, byte[] body, String... headers) throws IOException {
        client.request("PUT", path, all(headers, "Content-Length: " + body.length, "Expect: 100-continue"));
        RawResponse first = client.receive(false);
        if (first.status() != 100) {
            return first;
        }
        client.send(body, 0, body.length);
        return client.receive(false);
    }

    /** Uploads both parts of a package, and returns the statuses. */
    List<Integer> put(Parcel uploaded) throws IOException {
        int nar = put(uploaded.narPath(), uploaded.file()).status();
        return List.of(nar, put(uploaded.narInfoPath(), uploaded.narInfo()).status());
    }

    /** Downloads the NAR of a path as its narinfo says. */
    byte[] download(PathInfo info) throws IOException {
        return get(ServedStore.narPath(info)).body();
    }

    static String[] all(String[] some, String... others) {
        String[] all = java.util.Arrays.copyOf(some, some.length + others.length);
        System.arraycopy(others, 0, all, some.length, others.length);
        return all;
    }

    @Override
    public void close() throws IOException {
        server.close();
        store.close();
    }
}
