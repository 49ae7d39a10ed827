package dev.narsil.blockstore.testing;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.IngestedNar;
import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarReader;
import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.chunker.ChunkerParameters;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.UnaryOperator;

/** A store over a directory, with what tests do to it all the time. */
public final class TestStore implements AutoCloseable {

    /** The options stores of tests are opened with: a decoded cache of a few packs, so that packs are read again. */
    public static final StoreOptions OPTIONS = new StoreOptions(StoreDir.DEFAULT, ChunkerParameters.DEFAULT, 4 << 20);

    private final BlockStore blocks;
    private final NarStore nars;

    private TestStore(BlockStore blocks) throws IOException {
        this.blocks = blocks;
        this.nars = new NarStore(blocks, OPTIONS.packCacheBytes());
    }

    /** Opens the store in {@code directory}. */
    public static TestStore open(Path directory) throws IOException {
        return open(directory, blocks -> blocks);
    }

    /** Opens the store in {@code directory} with something around its block store. */
    public static TestStore open(Path directory, UnaryOperator<BlockStore> wrapper) throws IOException {
        return new TestStore(wrapper.apply(RocksBlockStore.open(directory, OPTIONS)));
    }

    /** Makes a store of these blocks. */
    public static TestStore of(BlockStore blocks) throws IOException {
        return new TestStore(blocks);
    }

    public NarStore nars() {
        return nars;
    }

    public BlockStore blocks() {
        return blocks;
    }

    /** Takes a NAR in, in one piece. */
    public IngestedNar ingest(byte[] nar) throws IOException {
        try (NarIngest ingest = nars.ingest(Sha256.hash(nar), nar.length)) {
            ingest.write(nar, 0, nar.length);
            return ingest.finish();
        }
    }

    /** Takes a NAR in, publishes it and waits until that is durable. */
    public PathInfo add(String name, byte[] nar) throws IOException {
        ingest(nar);
        PathInfo info = info(name, nar);
        CompletableFuture<Void> published = nars.publish(info);
        nars.flush();
        await(published);
        return info;
    }

    /** Waits for what {@link NarStore#publish} returned. */
    public static void await(CompletableFuture<Void> published) throws IOException {
        try {
            published.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted");
            interrupted.initCause(e);
            throw interrupted;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw new IllegalStateException(e);
        }
    }

    /** Returns what a narinfo would say of this NAR under a path that depends on the name alone. */
    public static PathInfo info(String name, byte[] nar) {
        return info(name, Sha256.hash(nar), nar.length);
    }

    /** Returns what a narinfo would say of a NAR under a path that depends on the name alone. */
    public static PathInfo info(String name, Sha256 narHash, long narSize) {
        StorePath path = new StorePath(digest(name), name);
        return new PathInfo(path, narHash, null, narSize, List.of(), null, null, List.of(), null, List.of());
    }

    /** Returns a digest that depends on the name. */
    public static Digest digest(String name) {
        return Digest.of(Sha256.hash(Nars.ascii(name)).bytes(), 0);
    }

    /** Returns a whole NAR. */
    public byte[] read(Sha256 narHash) throws IOException {
        return drain(nars.openNar(narHash).orElseThrow());
    }

    /** Returns a range of a NAR. */
    public byte[] range(Sha256 narHash, long from, long length) throws IOException {
        return drain(nars.openRange(narHash, from, length).orElseThrow());
    }

    /** Tells whether a whole NAR can be opened. */
    public boolean opens(Sha256 narHash) throws IOException {
        Optional<NarReader> reader = nars.openNar(narHash);
        reader.ifPresent(NarReader::close);
        return reader.isPresent();
    }

    /** Returns all that a reader gives, and closes it. */
    public static byte[] drain(NarReader reader) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (reader) {
            for (NarSlice slice = reader.next(); slice != null; slice = reader.next()) {
                out.write(slice.array(), slice.offset(), slice.length());
            }
        }
        return out.toByteArray();
    }

    @Override
    public void close() throws IOException {
        nars.close();
    }
}
