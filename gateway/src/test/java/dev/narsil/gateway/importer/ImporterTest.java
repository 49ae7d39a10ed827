package dev.narsil.gateway.importer;

import static dev.narsil.gateway.importer.CacheFixture.nar;
import static dev.narsil.gateway.importer.CacheFixture.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarReader;
import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.source.CacheSource;
import dev.narsil.gateway.source.Compressed;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.FileSource;
import dev.narsil.gateway.source.ScriptedServer;
import dev.narsil.gateway.source.ScriptedServer.Request;
import dev.narsil.gateway.source.ScriptedServer.Response;
import dev.narsil.gateway.source.SourceException;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ImporterTest {

    private static final ImportOptions OPTIONS = new ImportOptions(2, true, CacheFixture.TRUSTED);

    @TempDir
    private Path directory;

    private CacheFixture cache;
    private NarStore store;
    private CacheSource source;
    private final RecordingListener listener = new RecordingListener();

    @BeforeEach
    void open() throws IOException {
        cache = new CacheFixture(directory.resolve("cache"));
        source = new FileSource(cache.directory(), StoreDir.DEFAULT);
        store = new NarStore(RocksBlockStore.open(directory.resolve("store"), StoreOptions.DEFAULT), 16 << 20);
    }

    @AfterEach
    void close() throws IOException {
        source.close();
        store.close();
    }

    @ParameterizedTest
    @EnumSource
    void run_oneStream_importsTheNar(Compression compression) throws IOException {
        StorePath path = cache.add(1, compression);

        ImportReport report = importAll();

        assertThat(report.failures()).isEmpty();
        assertThat(report.imported()).isEqualTo(1);
        assertThat(report.narBytes()).isEqualTo(cache.nar(path).length);
        assertThat(report.fileBytes()).isEqualTo(Files.size(cache.file(path, compression)));
        assertStored(path);
        assertThat(listener.events()).containsExactlyInAnyOrder("all 1", "imported " + path);
        assertThat(listener.takenBytes()).isEqualTo(cache.nar(path).length);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"BR", "LZMA"})
    void run_severalStreams_importsTheNar(Compression compression) throws IOException {
        byte[] nar = nar(1);
        StorePath path = cache.add(path(1), nar, compression, Compressed.several(compression, nar));

        assertThat(importAll().imported()).isEqualTo(1);
        assertStored(path);
    }

    @Test
    void run_noCompressionSaid_isBzip2() throws IOException {
        StorePath path = cache.add(1, Compression.BZIP2);
        cache.change(path, "Compression", null);

        assertThat(importAll().imported()).isEqualTo(1);
        assertStored(path);
    }

    @Test
    void run_manyPathsOneOfEachKindBad_importsAllOthers() throws IOException {
        for (int i = 1; i <= 20; i++) {
            cache.add(i, i % 2 == 0 ? Compression.XZ : Compression.NONE);
        }
        cache.change(path(2), "FileHash", Sha256.hash(new byte[0]).toString());
        Files.delete(cache.file(path(3), Compression.NONE));
        Files.write(
                cache.file(path(4), Compression.XZ),
                Arrays.copyOf(Files.readAllBytes(cache.file(path(4), Compression.XZ)), 1000));
        cache.change(path(4), "FileHash", null);
        cache.change(path(4), "FileSize", null);
        cache.change(path(5), "Compression", "lzop");
        Files.writeString(cache.narInfoFile(path(6)), "nonsense\n");
        Files.copy(cache.narInfoFile(path(8)), directory.resolve("other"));
        Files.move(directory.resolve("other"), cache.narInfoFile(path(21)));
        cache.change(path(7), "URL", "../../etc/passwd");

        ImportReport report = importAll();

        assertThat(report.imported()).isEqualTo(14);
        assertThat(report.failed()).isEqualTo(7);
        assertThat(reasons(report))
                .anyMatch(reason -> reason.startsWith(path(2) + " the file hashes to sha256:"))
                .anyMatch(reason -> reason.startsWith(path(3) + " there is no file 'nar/"))
                .anyMatch(reason -> reason.startsWith(path(4).baseName()))
                .contains(path(5) + " unsupported compression 'lzop'; supported are "
                        + Arrays.toString(Compression.values()))
                .contains(path(6).digest() + " bad narinfo, line 1: no ':'")
                .contains(path(7) + " '../../etc/passwd' leads out of the directory of the cache")
                .contains(path(21).digest() + " the narinfo is of another path, " + path(8));
        for (int good = 8; good <= 20; good++) {
            assertStored(path(good));
        }
        assertThat(store.path(path(2).digest())).isEmpty();
    }

    @Test
    void run_signatureMissingOrBadOrUnknown_failsUnlessNotChecked() throws IOException {
        cache.change(cache.add(1, Compression.NONE), "Sig", null);
        cache.change(cache.add(2, Compression.NONE), "References", path(1).baseName());
        cache.change(cache.add(3, Compression.NONE), "Sig", "who-1:AAAA");

        ImportReport report = importAll();

        assertThat(reasons(report))
                .containsExactlyInAnyOrder(
                        path(1) + " it has no signature",
                        path(2) + " its signature by the trusted key 'test-1' is wrong",
                        path(3) + " it is signed by keys that are not trusted only: 'who-1'");
        ImportOptions unchecked = new ImportOptions(2, false, CacheFixture.TRUSTED);
        assertThat(new Importer(store, unchecked, listener)
                        .run(List.of(source), new Selection.Everything())
                        .imported())
                .isEqualTo(3);
    }

    @Test
    void run_narOtherThanAnnounced_failsWithTheDifference() throws IOException {
        ImportOptions unchecked = new ImportOptions(1, false, CacheFixture.TRUSTED);
        StorePath hash = cache.add(1, Compression.XZ);
        cache.change(hash, "NarHash", Sha256.hash(new byte[0]).toString());
        StorePath longer = cache.add(2, Compression.XZ);
        cache.change(longer, "NarSize", "1000");
        StorePath shorter = cache.add(3, Compression.XZ);
        cache.change(shorter, "NarSize", "100000000");
        StorePath file = cache.add(4, Compression.XZ);
        cache.change(file, "FileSize", "10");

        ImportReport report = new Importer(store, unchecked, listener).run(List.of(source), new Selection.Everything());

        assertThat(report.imported()).isZero();
        assertThat(reasons(report))
                .anyMatch(reason -> reason.startsWith(hash + " the NAR hashes to"))
                .anyMatch(reason -> reason.startsWith(longer + " the NAR is longer than its NarSize, 1000"))
                .anyMatch(reason -> reason.startsWith(shorter + " the NAR has "))
                .anyMatch(reason -> reason.startsWith(file + " the file is longer than its FileSize, 10"));
    }

    @Test
    void run_bomb_stopsAtNarSize() throws IOException {
        byte[] zeros = new byte[256 << 20];
        byte[] file = Compressed.one(Compression.ZSTD, zeros);
        StorePath path = cache.add(path(1), nar(1), Compression.ZSTD, file);

        ImportReport report = importAll();

        assertThat(reasons(report)).containsExactly(path + " the NAR is longer than its NarSize, " + nar(1).length);
        assertThat(listener.takenBytes()).isLessThan(1 << 20);
    }

    @Test
    void run_fileHashNotThere_isNotNeeded() throws IOException {
        StorePath path = cache.add(1, Compression.XZ);
        cache.change(path, "FileHash", null);
        cache.change(path, "FileSize", "0");

        assertThat(importAll().imported()).isEqualTo(1);
    }

    @Test
    void run_notANarButTheRightHash_isStoredAsItIs() throws IOException {
        byte[] notANar = "not a NAR".repeat(10_000).getBytes(StandardCharsets.US_ASCII);
        StorePath path = cache.add(path(1), notANar, Compression.ZSTD);

        ImportReport report = importAll();

        assertThat(report.imported()).isEqualTo(1);
        assertThat(listener.events()).anyMatch(event -> event.startsWith("message " + path + " is not a NAR"));
        assertStored(path);
    }

    @Test
    void run_twice_skipsWhatIsKnownWithoutADownload() throws IOException {
        cache.add(1, Compression.NONE);
        cache.add(2, Compression.XZ);
        importAll();
        cache.add(3, Compression.XZ);
        try (ScriptedServer server = serve(request -> null);
                CacheSource http = CacheSource.open(server.url(), StoreDir.DEFAULT)) {
            Selection selection = new Selection.Paths(wanted(path(1), path(2), path(3), path(3)));

            ImportReport report = new Importer(store, OPTIONS, listener).run(List.of(http), selection);

            assertThat(report.skipped()).isEqualTo(2);
            assertThat(report.imported()).isEqualTo(1);
            assertThat(server.targets())
                    .containsExactly(
                            "/nix-cache-info",
                            "/" + path(3).digest() + ".narinfo",
                            "/nar/" + path(3).digest() + ".nar.xz");
        }
        assertStored(path(3));
    }

    @Test
    void run_pathPublishedWhileItsNarComes_keepsTheSignaturesOfBoth() throws IOException {
        StorePath path = cache.add(1, Compression.NONE);
        byte[] nar = cache.nar(path);
        PathInfo uploaded = new PathInfo(
                path, Sha256.hash(nar), null, nar.length, List.of(), null, null, List.of("k-1:x"), null, List.of());
        try (ScriptedServer server = serve(request -> {
                    if (request.target().startsWith("/nar/")) {
                        publish(uploaded, nar);
                    }
                    return null;
                });
                CacheSource http = CacheSource.open(server.url(), StoreDir.DEFAULT)) {
            new Importer(store, OPTIONS, listener).run(List.of(http), new Selection.Paths(wanted(path)));
        }
        assertThat(store.path(path.digest()).orElseThrow().signatures())
                .hasSize(2)
                .contains("k-1:x");
    }

    private void publish(PathInfo info, byte[] nar) {
        try (NarIngest ingest = store.ingest(info.narHash(), nar.length)) {
            ingest.write(nar, 0, nar.length);
            ingest.finish();
            store.publish(info).join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void run_narThatIsStoredUnderAnotherPath_isNotFetched() throws IOException {
        cache.add(path(1), nar(1), Compression.XZ);
        importAll();
        cache.add(path(2), nar(1), Compression.XZ);
        Files.delete(cache.file(path(2), Compression.XZ));

        ImportReport report = importAll();

        assertThat(report.imported()).isEqualTo(1);
        assertThat(report.fileBytes()).isZero();
        assertStored(path(2));
    }

    @Test
    void run_narThatIsStoredWithAnotherSize_fails() throws IOException {
        cache.add(path(1), nar(1), Compression.XZ);
        importAll();
        cache.add(path(2), nar(1), Compression.XZ);
        cache.change(path(2), "NarSize", "5");
        ImportOptions unchecked = new ImportOptions(1, false, CacheFixture.TRUSTED);

        ImportReport report = new Importer(store, unchecked, listener).run(List.of(source), new Selection.Everything());

        assertThat(reasons(report)).hasSize(1).allMatch(reason -> reason.contains("NarSize is 5, but the NAR"));
    }

    @Test
    void run_closure_followsReferencesAlsoOfKnownPaths() throws IOException {
        cache.add(4, Compression.NONE);
        cache.add(3, Compression.NONE, path(4), path(3));
        cache.add(2, Compression.NONE, path(3), path(9));
        cache.add(1, Compression.NONE, path(2), path(3));
        cache.add(5, Compression.NONE);
        new Importer(store, OPTIONS, listener).run(List.of(source), new Selection.Paths(wanted(path(2))));

        ImportReport report =
                new Importer(store, OPTIONS, listener).run(List.of(source), new Selection.Closure(wanted(path(1))));

        assertThat(report.skipped()).isEqualTo(1);
        assertThat(report.imported()).isEqualTo(3);
        assertThat(report.failures()).containsExactly(new ImportReport.Failure(path(9).baseName(), "no cache has it"));
        assertThat(listener.events()).contains("all 5");
        assertThat(store.path(path(5).digest())).isEmpty();
        assertStored(path(4));
    }

    @Test
    void run_otherNameThanWanted_fails() throws IOException {
        cache.add(1, Compression.NONE);
        StorePath other = new StorePath(path(1).digest(), "other");

        ImportReport report =
                new Importer(store, OPTIONS, listener).run(List.of(source), new Selection.Paths(wanted(other)));

        assertThat(report.failures())
                .containsExactly(
                        new ImportReport.Failure(other.baseName(), "the narinfo is of another path, " + path(1)));
    }

    @Test
    void run_secondCacheHasWhatTheFirstHasNot_importsFromThat() throws IOException {
        CacheFixture second = new CacheFixture(directory.resolve("second"));
        cache.add(1, Compression.NONE);
        cache.add(2, Compression.NONE);
        Files.delete(cache.file(path(2), Compression.NONE));
        second.add(2, Compression.ZSTD);
        second.add(3, Compression.ZSTD);
        try (CacheSource other = new FileSource(second.directory(), StoreDir.DEFAULT)) {
            ImportReport report =
                    new Importer(store, OPTIONS, listener).run(List.of(source, other), new Selection.Everything());

            assertThat(report.failures()).isEmpty();
            assertThat(report.imported()).isEqualTo(3);
            assertThat(report.skipped()).isZero();
        }
    }

    @Test
    void run_everythingOverHttpWithoutAList_saysWhatToDo() throws IOException {
        try (ScriptedServer server = serve(request -> null);
                CacheSource http = CacheSource.open(server.url(), StoreDir.DEFAULT)) {
            assertThatThrownBy(
                            () -> new Importer(store, OPTIONS, listener).run(List.of(http), new Selection.Everything()))
                    .isInstanceOf(SourceException.class)
                    .hasMessage(server.url() + " cannot be listed and has no store-paths or store-paths.xz:"
                            + " say which paths to import, one by one, in a list or as closures");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"XZ", "NONE"})
    void run_everythingOverHttpWithAList_importsIt(Compression compression) throws IOException {
        cache.add(1, Compression.XZ);
        cache.add(2, Compression.XZ);
        byte[] list = (path(1).in(StoreDir.DEFAULT) + "\n" + path(2).in(StoreDir.DEFAULT) + "\n")
                .getBytes(StandardCharsets.US_ASCII);
        String name = compression == Compression.XZ ? "store-paths.xz" : "store-paths";
        Files.write(cache.directory().resolve(name), Compressed.one(compression, list));
        try (ScriptedServer server = serve(request -> null);
                CacheSource http = CacheSource.open(server.url(), StoreDir.DEFAULT)) {
            ImportReport report = new Importer(store, OPTIONS, listener).run(List.of(http), new Selection.Everything());

            assertThat(report.imported()).isEqualTo(2);
        }
    }

    @Test
    void run_connectionCutInTheMiddle_continuesByRange() throws IOException {
        StorePath path = cache.add(1, Compression.NONE);
        byte[] nar = cache.nar(path);
        AtomicReference<Response> none = new AtomicReference<>();
        AtomicInteger unavailable = new AtomicInteger();
        try (ScriptedServer server = serve(request -> {
                    if (!request.target().startsWith("/nar/")) {
                        return unavailable.incrementAndGet() == 2 ? Response.of(503, "later") : none.get();
                    }
                    String range = request.header("Range");
                    if (range == null) {
                        return Response.of(200, nar)
                                .with("Accept-Ranges", "bytes")
                                .cutAfter(nar.length / 2);
                    }
                    int from = Integer.parseInt(range.replaceAll("\\D", ""));
                    return Response.of(206, Arrays.copyOfRange(nar, from, nar.length))
                            .with("Content-Range", "bytes " + from + "-" + (nar.length - 1) + "/" + nar.length);
                });
                CacheSource http = CacheSource.open(server.url(), StoreDir.DEFAULT)) {
            ImportReport report =
                    new Importer(store, OPTIONS, listener).run(List.of(http), new Selection.Paths(wanted(path)));

            assertThat(report.failures()).isEmpty();
            assertThat(report.fileBytes()).isEqualTo(nar.length);
            assertThat(server.requests()).anyMatch(request -> request.header("Range") != null);
            assertStored(path);
        }
    }

    @Test
    void run_cacheOfAnotherStoreDir_isRefused() throws IOException {
        Files.writeString(cache.directory().resolve("nix-cache-info"), "StoreDir: /gnu/store\n");

        assertThatThrownBy(this::importAll)
                .isInstanceOf(SourceException.class)
                .hasMessageEndingWith("is for the store directory '/gnu/store', not '/nix/store'");
    }

    @Test
    void run_diskFull_endsWithThat() throws IOException {
        for (int i = 1; i <= 5; i++) {
            cache.add(i, Compression.NONE);
        }
        store.close();
        FullDisk disk = new FullDisk(RocksBlockStore.open(directory.resolve("full"), StoreOptions.DEFAULT));
        store = new NarStore(disk, 16 << 20);

        assertThatThrownBy(this::importAll)
                .isInstanceOfSatisfying(
                        StoreException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(StoreException.Kind.FULL));
        assertThat(listener.events()).noneMatch(event -> event.startsWith("imported"));
    }

    @Test
    void cancel_whileImporting_endsWithoutFailures() throws IOException {
        for (int i = 1; i <= 30; i++) {
            cache.add(i, Compression.ZSTD);
        }
        AtomicReference<Importer> importer = new AtomicReference<>();
        ImportListener cancelling = new ImportListener() {
            @Override
            public void taken(int narBytes) {
                importer.get().cancel();
            }
        };
        importer.set(new Importer(store, OPTIONS, cancelling));

        ImportReport report = importer.get().run(List.of(source), new Selection.Everything());

        assertThat(report.cancelled()).isTrue();
        assertThat(report.failed()).isZero();
        assertThat(report.imported()).isLessThan(30);
        ImportReport rest = importAll();
        assertThat(rest.imported() + rest.skipped()).isEqualTo(30);
        assertThat(rest.skipped()).isEqualTo(report.imported());
    }

    private ImportReport importAll() throws IOException {
        return new Importer(store, OPTIONS, listener).run(List.of(source), new Selection.Everything());
    }

    private static List<WantedPath> wanted(StorePath... paths) {
        return Stream.of(paths).map(WantedPath::of).toList();
    }

    private static List<String> reasons(ImportReport report) {
        return report.failures().stream()
                .map(failure -> failure.path() + " " + failure.reason())
                .toList();
    }

    private interface Script {
        @Nullable
        Response answer(Request request);
    }

    /** Serves the cache, except where the script has an answer. */
    private ScriptedServer serve(Script script) throws IOException {
        return new ScriptedServer(request -> {
            Response scripted = script.answer(request);
            if (scripted != null) {
                return scripted;
            }
            Path file = cache.directory().resolve(request.target().substring(1));
            try {
                return Files.isRegularFile(file)
                        ? Response.of(200, Files.readAllBytes(file))
                        : Response.of(404, "no such file");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private void assertStored(StorePath path) throws IOException {
        byte[] nar = cache.nar(path);
        assertThat(store.path(path.digest()).orElseThrow().path()).isEqualTo(path);
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (NarReader reader = store.openNar(Sha256.hash(nar)).orElseThrow()) {
            for (NarSlice slice = reader.next(); slice != null; slice = reader.next()) {
                read.write(slice.array(), slice.offset(), slice.length());
            }
        }
        assertThat(read.toByteArray()).isEqualTo(nar);
    }
}
