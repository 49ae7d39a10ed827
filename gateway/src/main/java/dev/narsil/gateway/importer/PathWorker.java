package dev.narsil.gateway.importer;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreException;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.source.CacheSource;
import dev.narsil.gateway.source.SourceException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One worker of an import: takes path after path. */
final class PathWorker implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(PathWorker.class);

    private final Importer importer;
    private final NarStore store;
    private final ImportOptions options;
    private final List<CacheSource> sources;
    private final WorkQueue queue;
    private final boolean closure;
    private final NarFetch fetch;
    private final Tally tally;
    private String told = "";

    PathWorker(
            Importer importer,
            NarStore store,
            ImportOptions options,
            List<CacheSource> sources,
            WorkQueue queue,
            boolean closure,
            NarFetch fetch,
            Tally tally) {
        this.importer = importer;
        this.store = store;
        this.options = options;
        this.sources = sources;
        this.queue = queue;
        this.closure = closure;
        this.fetch = fetch;
        this.tally = tally;
    }

    @Override
    public void run() {
        boolean finished = false;
        try {
            for (WantedPath wanted = queue.take(); wanted != null; wanted = queue.take()) {
                try {
                    importOrReport(wanted);
                } finally {
                    queue.done();
                }
            }
            finished = true;
        } finally {
            if (!finished) {
                queue.stop();
            }
        }
    }

    private void importOrReport(WantedPath wanted) {
        String reason;
        told = wanted.toString();
        try {
            reason = importPath(wanted);
        } catch (IOException e) {
            if (Importer.isFatal(e)) {
                importer.stop(e);
                return;
            }
            reason = String.valueOf(e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("import of {} failed in a way that is not foreseen", wanted, e);
            reason = "not foreseen: " + e;
        }
        if (!reason.isEmpty() && !queue.isStopped()) {
            tally.failed(told, reason);
        }
    }

    /** Returns why the path was not imported, or nothing; throws what no other cache can help with. */
    private String importPath(WantedPath wanted) throws IOException {
        Optional<PathInfo> known = store.path(wanted.digest());
        if (known.isPresent()) {
            tally.skipped(known.get().path().baseName());
            follow(known.get());
            return "";
        }
        String reason = "";
        for (CacheSource source : sources) {
            try {
                Optional<NarInfo> info = source.narInfo(wanted.digest());
                if (info.isPresent()) {
                    check(wanted, info.get());
                    follow(info.get().pathInfo());
                    takeIn(source, info.get());
                    return "";
                }
            } catch (IOException e) {
                if (Importer.isFatal(e)) {
                    throw e;
                }
                reason = reason.isEmpty() ? String.valueOf(e.getMessage()) : reason;
            }
        }
        return reason.isEmpty() ? "no cache has it" : reason;
    }

    /** Takes the NAR in and publishes the path; once more if the NAR was here and has been collected as garbage meanwhile. */
    private void takeIn(CacheSource source, NarInfo info) throws IOException {
        try {
            importer.publish(info.pathInfo(), fetch.takeIn(source, info));
        } catch (StoreException e) {
            if (e.kind() != StoreException.Kind.ABSENT) {
                throw e;
            }
            importer.publish(info.pathInfo(), fetch.takeIn(source, info));
        }
    }

    private void check(WantedPath wanted, NarInfo info) throws SourceException {
        boolean isWanted = wanted.path() == null
                ? info.storePath().digest().equals(wanted.digest())
                : info.storePath().equals(wanted.path());
        if (!isWanted) {
            throw new SourceException("the narinfo is of another path, " + info.storePath());
        }
        told = info.storePath().baseName();
        if (options.checkSignatures()) {
            TrustedKeys.Verdict verdict = options.trustedKeys().verify(info.pathInfo(), store.storeDir());
            if (!verdict.trusted()) {
                throw new SourceException(verdict.reason());
            }
        }
    }

    private void follow(PathInfo info) throws SourceException {
        if (closure) {
            queue.putReferences(info.references());
        }
    }
}
