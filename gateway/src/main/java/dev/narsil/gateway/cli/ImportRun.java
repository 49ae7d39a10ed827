package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.importer.ImportOptions;
import dev.narsil.gateway.importer.ImportReport;
import dev.narsil.gateway.importer.Importer;
import dev.narsil.gateway.importer.PathList;
import dev.narsil.gateway.importer.Selection;
import dev.narsil.gateway.importer.WantedPath;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.source.CacheSource;
import dev.narsil.gateway.source.SourceException;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One import into a store, watched by its user. */
final class ImportRun {

    private final String what;
    private final Invocation invocation;
    private final NarStore target;
    private final ImportCounts counts;

    /**
     * @param what the name of the command
     * @param target where the paths go
     */
    ImportRun(String what, Invocation invocation, NarStore target) throws IOException {
        this.what = what;
        this.invocation = invocation;
        this.target = target;
        this.counts = new ImportCounts(what, target.blockStore());
    }

    /** Imports what is selected and returns what came of it. */
    ImportSummary run(ImportSelection selection) throws IOException {
        ImportOptions options = new ImportOptions(
                selection.jobs(), selection.checkSignatures(), new TrustedKeys(selection.trustedKeys()));
        List<ImportReport> reports = new ArrayList<>();
        List<CacheSource> sources = new ArrayList<>();
        Duration elapsed;
        try {
            for (String url : selection.sources()) {
                sources.add(open(url, target.storeDir()));
            }
            closeWhenCancelled(List.copyOf(sources));
            List<Selection> selections = selections(selection);
            try (Progress progress = Progress.show(invocation, counts::state)) {
                for (Selection part : selections) {
                    invocation.cancellation().check();
                    counts.begin();
                    Importer importer = new Importer(target, options, counts);
                    invocation.cancellation().onCancel(importer::cancel);
                    reports.add(run(importer, sources, part));
                }
                elapsed = progress.elapsed();
            }
        } finally {
            sources.forEach(CacheSource::close);
        }
        for (String message : counts.messages()) {
            invocation.tell("narsil: " + what + ": " + message + "\n");
        }
        return ImportSummary.of(reports, counts.storedBytes(), elapsed);
    }

    /** Lets a worker that waits for a cache, or for its next attempt, end at once. */
    private void closeWhenCancelled(List<CacheSource> sources) {
        invocation
                .cancellation()
                .onCancel(() -> Thread.ofPlatform()
                        .daemon()
                        .name("import-cancel")
                        .start(() -> sources.forEach(CacheSource::close)));
    }

    private ImportReport run(Importer importer, List<CacheSource> sources, Selection part) throws IOException {
        try {
            return importer.run(sources, part);
        } catch (SourceException e) {
            invocation.cancellation().check();
            throw e;
        }
    }

    private static CacheSource open(String url, StoreDir storeDir) throws CommandException {
        try {
            return CacheSource.open(url, storeDir);
        } catch (IllegalArgumentException e) {
            throw new CommandException(ExitCode.USAGE, url + ": " + e.getMessage());
        }
    }

    private List<Selection> selections(ImportSelection selection) throws IOException {
        List<Selection> selections = new ArrayList<>();
        String file = selection.pathsFrom();
        if (file != null) {
            selections.add(new Selection.Paths(paths(file)));
        }
        if (!selection.closureOf().isEmpty()) {
            List<WantedPath> roots = new ArrayList<>();
            for (StorePathArgument path : selection.closureOf()) {
                roots.add(path.wanted(target.storeDir()));
            }
            selections.add(new Selection.Closure(roots));
        }
        return selections.isEmpty() ? List.of(new Selection.Everything()) : selections;
    }

    private List<WantedPath> paths(String file) throws IOException {
        if (file.equals("-")) {
            return PathList.read(invocation.streams().in(), "standard input", target.storeDir());
        }
        Path path = invocation.folder().resolve(file);
        try (InputStream in = Files.newInputStream(path)) {
            return PathList.read(in, path.toString(), target.storeDir());
        } catch (NoSuchFileException | AccessDeniedException e) {
            throw new CommandException(
                    ExitCode.FAILED,
                    Failures.reason(e)
                            + " (where 'narsil serve' runs, it reads the file; '--paths-from -' reads yours)");
        }
    }
}
