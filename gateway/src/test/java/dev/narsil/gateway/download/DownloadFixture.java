package dev.narsil.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.NarReader;
import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.download.FaultyServer.Fault;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.Compressed;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.nar.NarWriter;
import dev.narsil.rewrite.path.StorePath;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A real store, downloads into it, and servers that hold one NAR. */
public final class DownloadFixture implements AutoCloseable {

    /** Times that let tests of slow holders end soon; none of them decides whether a test passes. */
    public static final DownloadLimits LIMITS = DownloadLimits.DEFAULT
            .withTimes(Duration.ofMillis(300), Duration.ofMillis(500), Duration.ofMillis(50))
            .withSpool(1L << 30, 0);

    /** Length of what compresses, and of what does not, by turns. */
    private static final int RUN = 16 << 10;

    private static final int STALL_MILLIS = 2000;

    /** Longer than any test takes. */
    private static final int PATIENT_MILLIS = 3_600_000;

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long POLL_NANOS = 1_000_000;

    final Path directory;
    public final NarStore store;
    public final NarDownloads downloads;
    public final byte[] nar;
    public final Sha256 narHash;
    public final PathInfo path;
    private final List<Holder> holders = new CopyOnWriteArrayList<>();
    private volatile @Nullable CompletableFuture<Void> lastSaid;
    private final AtomicInteger lookUps = new AtomicInteger();
    private final List<FaultyServer> servers = new ArrayList<>();

    public DownloadFixture(Path directory, byte[] nar) throws IOException {
        this(directory, nar, LIMITS, UnaryOperator.identity());
    }

    /** One whose downloads ask what {@code beside} makes of its holders and its store. */
    public DownloadFixture(Path directory, byte[] nar, BiFunction<NarStore, Holders, Holders> beside)
            throws IOException {
        this(directory, nar, LIMITS, UnaryOperator.identity(), beside);
    }

    /** One within {@code limits}, of a store whose blocks {@code around} keeps. */
    public DownloadFixture(Path directory, byte[] nar, DownloadLimits limits, UnaryOperator<BlockStore> around)
            throws IOException {
        this(directory, nar, limits, around, (_, holders) -> holders);
    }

    private DownloadFixture(
            Path directory,
            byte[] nar,
            DownloadLimits limits,
            UnaryOperator<BlockStore> around,
            BiFunction<NarStore, Holders, Holders> beside)
            throws IOException {
        this.directory = directory;
        this.nar = nar;
        narHash = Sha256.hash(nar);
        path = new PathInfo(
                new StorePath(RandomNar.digests(nar.length, 1).getFirst(), "package"),
                narHash,
                null,
                nar.length,
                List.of(),
                null,
                null,
                List.of("test-1:c2lnbmF0dXJl"),
                null,
                List.of());
        store = new NarStore(
                around.apply(RocksBlockStore.open(directory, StoreOptions.DEFAULT)),
                StoreOptions.DEFAULT_PACK_CACHE_BYTES);
        downloads = NarDownloads.start(store, directory, beside.apply(store, this::lookUp), limits);
    }

    private KnownHolders lookUp(Sha256 hash) {
        lookUps.incrementAndGet();
        CompletableFuture<Void> said = lastSaid;
        List<Holder> all = List.copyOf(holders);
        return said == null
                ? KnownHolders.of(all)
                : new KnownHolders(
                        all.subList(0, all.size() - 1), said.thenApply(_ -> all.subList(all.size() - 1, all.size())));
    }

    /** Has the last of all holders turn up only when {@code said} completes. */
    void lastIsLate(CompletableFuture<Void> said) {
        lastSaid = said;
    }

    /** Times that the holders were looked up. */
    int lookUps() {
        return lookUps.get();
    }

    /** Returns the NAR of one file, which compresses by half. */
    public static byte[] nar(long seed, int size) throws IOException {
        byte[] contents = new byte[size];
        Random random = new Random(seed);
        random.nextBytes(contents);
        for (int i = RUN; i < size; i += 2 * RUN) {
            Arrays.fill(contents, i, Math.min(size, i + RUN), (byte) i);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(size + 256);
        NarWriter writer = new NarWriter(out);
        writer.regular(false, contents);
        writer.finish();
        return out.toByteArray();
    }

    /** Adds a holder, the next best, of the NAR as a file that is compressed. */
    public FaultyServer holder(Compression compression, IntFunction<Fault> faults) throws IOException {
        byte[] file = compression == Compression.NONE ? nar : Compressed.one(compression, nar);
        return holder(compression, file, (long) file.length, faults);
    }

    /** Adds a holder that waits for ever by itself. */
    FaultyServer patientHolder(Compression compression, IntFunction<Fault> faults) throws IOException {
        byte[] file = compression == Compression.NONE ? nar : Compressed.one(compression, nar);
        return holder(compression, file, (long) file.length, faults, PATIENT_MILLIS);
    }

    /** Adds a holder as another class has it. */
    void holder(UnaryOperator<Holder> around, Compression compression, IntFunction<Fault> faults) throws IOException {
        var _ = holder(compression, faults);
        holders.set(holders.size() - 1, around.apply(holders.getLast()));
    }

    /** Adds a holder in the place of all others. */
    FaultyServer onlyHolder(Compression compression, IntFunction<Fault> faults) throws IOException {
        holders.clear();
        return holder(compression, faults);
    }

    /** Adds a holder of any file. */
    public FaultyServer holder(Compression compression, byte[] file, @Nullable Long fileSize, IntFunction<Fault> faults)
            throws IOException {
        return holder(compression, file, fileSize, faults, STALL_MILLIS);
    }

    FaultyServer holder(
            Compression compression, byte[] file, @Nullable Long fileSize, IntFunction<Fault> faults, int stallMillis)
            throws IOException {
        FaultyServer server = new FaultyServer(file, faults);
        servers.add(server);
        NarInfo info = new NarInfo(path, "nar/file", compression.toString(), null, fileSize);
        holders.add(new SocketHolder("upstream-" + servers.size(), server.address(), info, stallMillis));
        return server;
    }

    /** Opens the whole NAR. */
    DownloadReader open() throws IOException, InterruptedException {
        return open(0, nar.length);
    }

    DownloadReader open(long from, long length) throws IOException, InterruptedException {
        NarOffer offer = downloads.offer(narHash).orElseThrow();
        Optional<DownloadReader> reader = offer.open(from, length);
        return reader.isPresent()
                ? reader.get()
                : downloads.offer(narHash).orElseThrow().open(from, length).orElseThrow();
    }

    /** Reads to the end. */
    static byte[] rest(DownloadReader reader) throws IOException, InterruptedException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (NarSlice slice = reader.next(); slice != null; slice = reader.next()) {
            out.write(slice.array(), slice.offset(), slice.length());
        }
        return out.toByteArray();
    }

    /** Reads to the end, or to where it fails. */
    void readInto(ByteArrayOutputStream got) throws IOException, InterruptedException {
        readInto(0, nar.length, got);
    }

    void readInto(long from, long length, ByteArrayOutputStream got) throws IOException, InterruptedException {
        try (DownloadReader reader = open(from, length)) {
            for (NarSlice slice = reader.next(); slice != null; slice = reader.next()) {
                got.write(slice.array(), slice.offset(), slice.length());
            }
        }
    }

    /** Reads until there are at least so many bytes. */
    static byte[] some(DownloadReader reader, int bytes) throws IOException, InterruptedException {
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        while (got.size() < bytes) {
            NarSlice slice = Objects.requireNonNull(reader.next());
            got.write(slice.array(), slice.offset(), slice.length());
        }
        return got.toByteArray();
    }

    public byte[] read(long from, long length) throws IOException, InterruptedException {
        try (DownloadReader reader = open(from, length)) {
            return rest(reader);
        }
    }

    public byte[] read() throws IOException, InterruptedException {
        return read(0, nar.length);
    }

    /** Returns the NAR as it is stored, or null. */
    public byte @Nullable [] stored() throws IOException {
        NarReader opened = store.openNar(narHash).orElse(null);
        if (opened == null) {
            return null;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (NarReader reader = opened) {
            for (NarSlice slice = reader.next(); slice != null; slice = reader.next()) {
                out.write(slice.array(), slice.offset(), slice.length());
            }
        }
        return out.toByteArray();
    }

    /** Waits until nothing is downloaded or being stored. */
    public void awaitIdle() {
        await(() -> downloads.state().active() == 0);
    }

    public static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + PATIENCE);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Number of files in the spool directory. */
    long spoolFiles() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve(NarDownloads.SPOOL_DIRECTORY))) {
            return files.count();
        }
    }

    /** Checks that nothing is left of a download that failed. */
    void assertNothingStored() throws IOException {
        awaitIdle();
        assertThat(store.hasNar(narHash)).isFalse();
        assertThat(store.path(path.path().digest())).isEmpty();
        assertThat(spoolFiles()).isZero();
        assertThat(downloads.state().spoolBytes()).isZero();
    }

    @Override
    public void close() throws IOException {
        downloads.close();
        store.close();
        for (FaultyServer server : servers) {
            server.close();
        }
    }
}
