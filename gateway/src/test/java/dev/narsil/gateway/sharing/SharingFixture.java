package dev.narsil.gateway.sharing;

import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarReader;
import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.cli.UpstreamHolders;
import dev.narsil.gateway.download.DownloadFixture;
import dev.narsil.gateway.download.NarDownloads;
import dev.narsil.gateway.upstream.FaultyUpstream;
import dev.narsil.gateway.upstream.SignedPath;
import dev.narsil.gateway.upstream.UpstreamLimits;
import dev.narsil.gateway.upstream.UpstreamOptions;
import dev.narsil.gateway.upstream.Upstreams;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** A real store, a real upstream on a socket, the downloads between them, and a clock that a test sets. */
public final class SharingFixture implements AutoCloseable {

    private static final UpstreamLimits LIMITS =
            UpstreamLimits.DEFAULT.withProbe(Duration.ofSeconds(20), Duration.ofSeconds(20));

    private final Path directory;
    public final FaultyUpstream upstream = new FaultyUpstream();
    public NarStore store;
    private Upstreams upstreams;
    private NarDownloads downloads;
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-21T12:00:00Z"));

    public SharingFixture(Path directory) throws IOException {
        this.directory = directory;
        open();
    }

    private void open() throws IOException {
        store = new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
        upstreams = Upstreams.start(
                store,
                List.of(UpstreamOptions.parse(upstream.url() + "?trusted-key=" + SignedPath.KEY.publicKey())),
                LIMITS);
        downloads = NarDownloads.start(store, directory, new UpstreamHolders(upstreams), DownloadFixture.LIMITS);
    }

    /** Closes the store and opens it anew, as another process does. */
    public void reopen() throws IOException {
        closeStore();
        open();
    }

    public PathSupply supply() {
        return new UpstreamSupply(store, upstreams, downloads);
    }

    /** The clock; it stands still. */
    public InstantSource clock() {
        return now::get;
    }

    public Instant now() {
        return now.get();
    }

    public void setNow(Instant time) {
        now.set(time);
    }

    public void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }

    /** Returns the NAR of a package. */
    public static byte[] nar(int number, StorePath... references) {
        List<Digest> digests = references.length == 0
                ? RandomNar.digests(number, 2)
                : List.of(references).stream().map(StorePath::digest).toList();
        return new RandomNar(number, StoreDir.DEFAULT, 8, 64 << 10).bytes(digests);
    }

    /** Makes a signed path, which is nowhere yet. */
    public static SignedPath path(int number, StorePath... references) {
        return SignedPath.signed(SignedPath.path(number), nar(number, references), List.of(references));
    }

    /** Makes a path that the upstream has. */
    public SignedPath remote(int number, StorePath... references) {
        SignedPath path = path(number, references);
        upstream.on(path.target(), FaultyUpstream.ok(path.text()));
        upstream.on(path.narTarget(), FaultyUpstream.ok(nar(number, references)));
        return path;
    }

    /** Makes a path that the store has. */
    public SignedPath stored(int number, StorePath... references) throws IOException {
        SignedPath path = path(number, references);
        put(path.narInfo().pathInfo(), nar(number, references));
        return path;
    }

    /** Stores a path. */
    public void put(PathInfo info, byte[] nar) throws IOException {
        try (NarIngest ingest = store.ingest(Sha256.hash(nar), nar.length)) {
            ingest.write(nar, 0, nar.length);
            ingest.finish();
        }
        store.publish(info).join();
    }

    /** Returns the NAR of a path as the store gives it. */
    public byte[] narOf(SignedPath path) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (NarReader reader = store.openNar(path.narHash()).orElseThrow()) {
            for (NarSlice slice = reader.next(); slice != null; slice = reader.next()) {
                out.write(slice.array(), slice.offset(), slice.length());
            }
        }
        return out.toByteArray();
    }

    public boolean has(SignedPath path) throws IOException {
        return store.path(path.digest()).isPresent();
    }

    private void closeStore() throws IOException {
        downloads.close();
        upstreams.close();
        store.close();
    }

    @Override
    public void close() throws IOException {
        upstream.close();
        closeStore();
    }
}
