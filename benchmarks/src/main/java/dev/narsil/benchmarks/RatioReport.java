package dev.narsil.benchmarks;

import dev.narsil.benchmarks.Generation.Measured;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.StoreStats;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.importer.ImportListener;
import dev.narsil.gateway.importer.ImportOptions;
import dev.narsil.gateway.importer.Importer;
import dev.narsil.gateway.importer.PathList;
import dev.narsil.gateway.importer.Selection;
import dev.narsil.gateway.importer.WantedPath;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.gateway.source.FileSource;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Imports a binary cache generation after generation and prints what each one added to the bytes on disk. */
@Command(
        name = "benchmarks/ratio",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = {
            "Imports a file:// binary cache generation after generation, closes the store after each, and prints what it added "
                    + "to the bytes on disk, against the files of the cache."
        },
        footer = {
            "",
            "Equal files of the cache count once, in the generation that has them first. Bytes on disk are counted as du does, "
                    + "metadata is all that holds no packs. Signatures are not checked, hashes are.",
            "",
            "Example: benchmarks/ratio --cache cache-a --groups paths-a1 paths-a2"
        })
public final class RatioReport implements Callable<Integer> {

    private static final long DISK_PAGE = 4096;

    @Option(
            names = "--cache",
            paramLabel = "DIR",
            required = true,
            description = "The binary cache to import, of any compression.")
    private Path cache;

    @Option(
            names = "--groups",
            paramLabel = "FILE",
            arity = "1..*",
            required = true,
            description = "A list of store paths, one a line, for each generation.")
    private List<Path> groups;

    @Option(
            names = "--reference",
            paramLabel = "DIR",
            description = "Another cache of the same paths, to compare with its files (default: --cache).")
    private Path reference;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "An empty directory for the store, which stays (default: a temporary one).")
    private Path data;

    @Option(names = "--jobs", paramLabel = "N", description = "NARs at a time (default: one a core).")
    private int jobs = Runtime.getRuntime().availableProcessors();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    private final Set<String> counted = new HashSet<>();
    private long failed;

    private RatioReport() {}

    /** Runs the command line and exits. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new RatioReport()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        Path directory = data == null ? Files.createTempDirectory("narsil-ratio-") : Files.createDirectories(data);
        try (Stream<Path> files = Files.list(directory)) {
            if (files.findAny().isPresent()) {
                System.err.println(
                        directory + " is not empty; what a generation adds is measured from an empty store on");
                return 2;
            }
        }
        try {
            report(directory);
        } finally {
            if (data == null) {
                TemporaryStore.delete(directory);
            }
        }
        return failed > 0 ? 1 : 0;
    }

    private void report(Path directory) throws IOException {
        List<Generation> generations = new ArrayList<>();
        Measured before = new Measured(0, 0, new StoreStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        if (!json) {
            System.out.println(RatioTable.HEADER);
        }
        for (Path group : groups) {
            List<WantedPath> paths = paths(group);
            long start = System.nanoTime();
            importInto(directory, paths);
            double seconds = (System.nanoTime() - start) / 1e9;
            Measured after = measure(directory);
            generations.add(
                    Generation.between(group.getFileName().toString(), before, after, newFileBytes(paths), seconds));
            before = after;
            if (!json) {
                System.out.println(RatioTable.row(generations.getLast()));
            }
        }
        Generation total = Generation.total(generations);
        if (json) {
            System.out.println(RatioTable.json(generations, total, failed).encodePrettily());
            return;
        }
        System.out.println(RatioTable.row(total));
        System.out.println("du -s -B1: " + du(directory) + " bytes; file MB are those of " + reference());
    }

    private Path reference() {
        return reference == null ? cache : reference;
    }

    private static List<WantedPath> paths(Path group) throws IOException {
        try (InputStream in = Files.newInputStream(group)) {
            return PathList.read(in, group.toString(), StoreDir.DEFAULT);
        }
    }

    private void importInto(Path directory, List<WantedPath> paths) throws IOException {
        ImportOptions options = new ImportOptions(jobs, false, new TrustedKeys(List.of()));
        ImportListener failures = new ImportListener() {
            @Override
            public void failed(String path, String reason) {
                failed++;
                System.err.println(path + ": " + reason);
            }
        };
        try (NarStore store = open(directory);
                FileSource source = new FileSource(cache, StoreDir.DEFAULT)) {
            var unused = new Importer(store, options, failures).run(List.of(source), new Selection.Paths(paths));
        }
    }

    /** Bytes of the reference's files for these paths, without those that were counted before. */
    private long newFileBytes(List<WantedPath> paths) throws IOException {
        long bytes = 0;
        try (FileSource source = new FileSource(reference(), StoreDir.DEFAULT)) {
            for (WantedPath path : paths) {
                Optional<NarInfo> info = source.narInfo(path.digest());
                if (info.isPresent() && counted.add(info.get().url())) {
                    bytes += Files.size(reference().resolve(info.get().url()));
                }
            }
        }
        return bytes;
    }

    private static Measured measure(Path directory) throws IOException {
        StoreStats stats;
        try (NarStore store = open(directory)) {
            stats = store.stats();
        }
        long packs = 0;
        long other = 0;
        List<Path> all;
        try (Stream<Path> walk = Files.walk(directory)) {
            all = walk.toList();
        }
        for (Path file : all) {
            long size =
                    Files.isDirectory(file) ? DISK_PAGE : (Files.size(file) + DISK_PAGE - 1) / DISK_PAGE * DISK_PAGE;
            if (file.toString().endsWith(".blob")) {
                packs += size;
            } else {
                other += size;
            }
        }
        return new Measured(packs, other, stats);
    }

    private static NarStore open(Path directory) throws IOException {
        StoreOptions options = StoreOptions.DEFAULT;
        return new NarStore(RocksBlockStore.open(directory, options), options.packCacheBytes());
    }

    private static String du(Path directory) throws IOException {
        Process du = new ProcessBuilder("du", "-s", "-B1", directory.toString()).start();
        return new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\\s", 2)[0];
    }
}
