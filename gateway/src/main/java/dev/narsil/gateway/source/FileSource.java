package dev.narsil.gateway.source;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A binary cache in a directory, as {@code nix copy --to file:///dir} writes it. Only files in that directory are
 * opened,
 * whatever a narinfo says; symbolic links in it are followed.
 */
public final class FileSource implements CacheSource {

    private static final String SUFFIX = ".narinfo";

    private final Path directory;
    private final StoreDir storeDir;

    /**
     * A cache in the directory {@code url} names; its parameters, which only Nix needs, are dropped.
     *
     * @param url {@code file:///dir} or {@code file:/dir}, percent-encoded
     * @throws IllegalArgumentException if it is anything else
     */
    public FileSource(String url, StoreDir storeDir) {
        this(PercentCoding.filePath(url), storeDir);
    }

    /** A cache in {@code directory}. */
    public FileSource(Path directory, StoreDir storeDir) {
        this.directory = directory.toAbsolutePath().normalize();
        this.storeDir = storeDir;
    }

    @Override
    public String describe() {
        return "file://" + directory;
    }

    @Override
    public CacheInfo cacheInfo() throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new SourceException("there is no directory " + directory);
        }
        Path file = directory.resolve(CacheInfo.FILE_NAME);
        try (InputStream in = Files.newInputStream(file)) {
            return CacheInfo.parse(in.readNBytes(CacheInfo.MAX_BYTES));
        } catch (NoSuchFileException e) {
            throw new SourceException(directory + " is not a binary cache: it has no " + CacheInfo.FILE_NAME, e);
        }
    }

    @Override
    public Optional<NarInfo> narInfo(Digest digest) throws IOException {
        byte[] text;
        try (InputStream in = Files.newInputStream(directory.resolve(digest + SUFFIX))) {
            text = in.readNBytes(NarInfo.MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        return Optional.of(NarInfo.parse(storeDir, text));
    }

    @Override
    public InputStream openFile(NarInfo narInfo) throws IOException {
        try {
            return Files.newInputStream(confined(narInfo.url()));
        } catch (NoSuchFileException e) {
            throw new SourceException("there is no file '" + narInfo.url() + "' in the cache", e);
        }
    }

    @Override
    public Optional<InputStream> openResource(String name) throws IOException {
        try {
            return Optional.of(Files.newInputStream(confined(name)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public boolean canList() {
        return true;
    }

    @Override
    public void listPaths(Consumer<Digest> action) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                digestOf(file.getFileName().toString()).ifPresent(action);
            }
        } catch (NoSuchFileException e) {
            throw new SourceException("there is no directory " + directory, e);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    @Override
    public void close() {}

    /** Reads a name as Nix does: exactly 32 characters before the suffix. */
    private static Optional<Digest> digestOf(String name) {
        if (name.length() != Digest.LENGTH + SUFFIX.length()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Digest.parse(name.substring(0, Digest.LENGTH)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Path confined(String url) throws SourceException {
        if (url.isEmpty() || url.startsWith("/") || url.contains("://") || url.indexOf('?') >= 0) {
            throw new SourceException("'" + url + "' does not name a file in the directory of the cache");
        }
        for (String part : url.split("/", -1)) {
            if (part.equals("..")) {
                throw new SourceException("'" + url + "' leads out of the directory of the cache");
            }
        }
        try {
            return directory.resolve(url);
        } catch (InvalidPathException e) {
            throw new SourceException("'" + url + "' is not a file name", e);
        }
    }
}
