package dev.narsil.gateway.importer;

import dev.narsil.blockstore.IngestedNar;
import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarMismatchException;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.CacheSource;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.SourceException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings NARs from a cache into a store, one at a time. Only {@link #abort} may be called by another thread. */
final class NarFetch {

    private static final Logger LOG = LoggerFactory.getLogger(NarFetch.class);
    private static final int PIECE_BYTES = 256 << 10;

    private final NarStore store;
    private final Tally tally;
    private final BooleanSupplier stopped;
    private final byte[] piece = new byte[PIECE_BYTES];
    private volatile @Nullable InputStream open;

    NarFetch(NarStore store, Tally tally, BooleanSupplier stopped) {
        this.store = store;
        this.tally = tally;
        this.stopped = stopped;
    }

    /**
     * Takes in the NAR of a path, unless it is stored.
     *
     * @return the bytes that were fetched, compressed
     * @throws IOException if it cannot be fetched, or is not the NAR announced
     */
    long takeIn(CacheSource source, NarInfo info) throws IOException {
        PathInfo path = info.pathInfo();
        Optional<Long> storedSize = store.narSize(path.narHash());
        if (storedSize.isPresent()) {
            if (storedSize.get() != path.narSize()) {
                throw new NarMismatchException("NarSize is " + path.narSize() + ", but the NAR with that NarHash has "
                        + storedSize.get() + " bytes");
            }
            return 0;
        }
        Compression compression = Compression.of(info.compression());
        try (InputStream raw = source.openFile(info);
                FetchedFile file = new FetchedFile(raw, info)) {
            open = raw;
            checkStopped();
            try (InputStream nar = compression.decode(file);
                    NarIngest ingest = store.ingest(path.narHash(), path.narSize())) {
                copy(nar, ingest);
                long fileBytes = file.finish();
                IngestedNar ingested = ingest.finish();
                if (ingested.opaqueReason() != null) {
                    tally.message(path.path() + " is not a NAR as Nix writes it, and stored as plain bytes: "
                            + ingested.opaqueReason());
                }
                return fileBytes;
            }
        } finally {
            open = null;
        }
    }

    private void copy(InputStream nar, NarIngest ingest) throws IOException {
        while (true) {
            checkStopped();
            int read = nar.readNBytes(piece, 0, piece.length);
            if (read == 0) {
                return;
            }
            ingest.write(piece, 0, read);
            tally.taken(read);
        }
    }

    private void checkStopped() throws SourceException {
        if (stopped.getAsBoolean()) {
            throw new SourceException("the import was stopped");
        }
    }

    /** Ends a read that may be blocked. */
    void abort() {
        InputStream raw = open;
        if (raw != null) {
            try {
                raw.close();
            } catch (IOException e) {
                LOG.debug("closing a file that was being fetched", e);
            }
        }
    }
}
