package dev.narsil.blockstore;

import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A store of NARs and of what is said of them. Safe for use by many threads. Every method may block on disk. */
public final class NarStore implements AutoCloseable {

    /** Opens the store in {@code directory}, making it when the directory is missing or empty. */
    public static NarStore open(Path directory, StoreOptions options) throws IOException {
        return new NarStore();
    }

    /** A store that looks up what {@code base} (if any) holds, but only counts what is written to it; for estimates. */
    public static NarStore estimate(@Nullable NarStore base, StoreOptions options) {
        return new NarStore();
    }

    public StoreDir storeDir() {
        return StoreDir.DEFAULT;
    }

    public Optional<PathInfo> path(Digest digest) throws IOException {
        return Optional.empty();
    }

    public void forEachPath(Consumer<PathInfo> action) throws IOException {}

    public boolean hasNar(Sha256 narHash) throws IOException {
        return false;
    }

    /** Starts taking in a NAR announced with this hash and size. */
    public NarIngest ingest(Sha256 narHash, long narSize) throws IOException {
        return new NarIngest();
    }

    /** Makes a path visible once its NAR, finished by an ingest or stored before, is durable; completes when it is. */
    public CompletableFuture<Void> publish(PathInfo info) {
        return CompletableFuture.completedFuture(null);
    }

    /** Waits until everything published so far is durable. */
    public void flush() throws IOException {}

    /** Opens a whole NAR; empty if it is not stored. The first read fails if a block is missing. */
    public Optional<NarReader> openNar(Sha256 narHash) throws IOException {
        return Optional.empty();
    }

    /** Opens bytes [from, from + length) of a NAR; each block is checked by its id. */
    public Optional<NarReader> openRange(Sha256 narHash, long from, long length) throws IOException {
        return Optional.empty();
    }

    /** Size of a stored NAR in bytes. */
    public Optional<Long> narSize(Sha256 narHash) throws IOException {
        return Optional.empty();
    }

    public StoreStats stats() throws IOException {
        return new StoreStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    public VerifyReport verify(VerifyProgress progress) throws IOException {
        return new VerifyReport(0, 0, 0, 0, 0, java.util.List.of());
    }

    @Override
    public void close() throws IOException {}
}
