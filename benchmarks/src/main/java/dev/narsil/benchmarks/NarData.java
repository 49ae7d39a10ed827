package dev.narsil.benchmarks;

import dev.narsil.rewrite.nar.NarWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The NARs that are measured, in memory; every benchmark works on all of them in turn. They are those of the directory {@code NARSIL_BENCH_NARS} in the order of their names, else the
 * folders of the running JDK as NARs. At most {@link #MAX_BYTES} in all.
 */
final class NarData {

    /** Environment variable that names a directory of uncompressed {@code .nar} files. */
    static final String VARIABLE = "NARSIL_BENCH_NARS";

    static final long MAX_BYTES = 64L << 20;

    /** Longer files of the JDK are cut, so that its one big file is not all that is measured. */
    private static final long MAX_FILE_BYTES = 8L << 20;

    private static final int MIN_NAR_BYTES = 64 << 10;

    private final String description;
    private final List<byte[]> nars;

    private NarData(String description, List<byte[]> nars) {
        this.description = description;
        this.nars = nars;
    }

    /** What was loaded, in words. */
    String description() {
        long bytes = nars.stream().mapToLong(nar -> nar.length).sum();
        return nars.size() + " NARs, " + bytes / 1_000_000 + " MB, " + description;
    }

    /** The NARs. */
    List<byte[]> nars() {
        return nars;
    }

    static NarData load() throws IOException {
        String directory = System.getenv(VARIABLE);
        return directory == null || directory.isEmpty() ? ofJdk() : ofDirectory(Path.of(directory));
    }

    private static NarData ofDirectory(Path directory) throws IOException {
        List<Path> files = sorted(directory).stream()
                .filter(file -> file.toString().endsWith(".nar"))
                .toList();
        List<byte[]> nars = new ArrayList<>();
        long room = MAX_BYTES;
        for (Path file : files) {
            long size = Files.size(file);
            if (size >= MIN_NAR_BYTES && size <= Math.min(room, MAX_BYTES / 4)) {
                nars.add(Files.readAllBytes(file));
                room -= size;
            }
        }
        if (nars.isEmpty()) {
            throw new IOException(directory + " (" + VARIABLE + ") holds no .nar files of a useful size");
        }
        return new NarData("of " + directory, nars);
    }

    private static NarData ofJdk() throws IOException {
        Path home = Path.of(System.getProperty("java.home"));
        List<byte[]> nars = new ArrayList<>();
        long room = MAX_BYTES;
        for (Path top : sorted(home)) {
            List<Path> roots = Files.isDirectory(top) && top.endsWith("lib") ? sorted(top) : List.of(top);
            for (Path root : roots) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                NarWriter writer = new NarWriter(bytes);
                write(writer, root);
                writer.finish();
                if (bytes.size() >= MIN_NAR_BYTES && bytes.size() <= room) {
                    nars.add(bytes.toByteArray());
                    room -= bytes.size();
                }
            }
        }
        return new NarData("made of the files of JDK " + Runtime.version(), nars);
    }

    private static void write(NarWriter writer, Path node) throws IOException {
        if (Files.isSymbolicLink(node)) {
            writer.symlink(Files.readSymbolicLink(node).toString().getBytes(StandardCharsets.UTF_8));
        } else if (Files.isDirectory(node, LinkOption.NOFOLLOW_LINKS)) {
            writer.startDirectory();
            for (Path child : sorted(node)) {
                writer.entry(name(child));
                write(writer, child);
            }
            writer.endDirectory();
        } else {
            try (InputStream contents = Files.newInputStream(node)) {
                writer.regular(Files.isExecutable(node), Math.min(Files.size(node), MAX_FILE_BYTES), contents);
            }
        }
    }

    private static byte[] name(Path file) {
        return file.getFileName().toString().getBytes(StandardCharsets.UTF_8);
    }

    private static List<Path> sorted(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted(Comparator.comparing(NarData::name, Arrays::compareUnsigned))
                    .toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
