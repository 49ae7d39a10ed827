package dev.narsil.blockstore.rocksdb;

import dev.narsil.blockstore.BlockStore.DiskUsage;
import dev.narsil.blockstore.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The directory of a store, held by this process alone. */
final class DataDirectory {

    private static final String BLOB_SUFFIX = ".blob";
    private static final String NAMING_FILE = "CURRENT";
    private static final List<String> DATA_SUFFIXES = List.of(BLOB_SUFFIX, ".sst", ".log");

    /** File systems give space in pages of this size, and so does {@code du} count. */
    private static final long DISK_PAGE = 4096;

    private final Path path;
    private final FileChannel channel;

    private DataDirectory(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static DataDirectory lock(Path path) throws IOException {
        FileChannel channel = openLockFile(path);
        if (tryLock(channel) == null) {
            channel.close();
            throw new StoreException(StoreException.Kind.LOCKED, "another process has the store in " + path + " open");
        }
        return new DataDirectory(path, channel);
    }

    private static FileChannel openLockFile(Path path) throws StoreException {
        try {
            Files.createDirectories(path.resolve("db"));
            return FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Kind.FAILED,
                    "cannot keep a store in " + path + ": " + e.getClass().getSimpleName() + ": " + e.getMessage(),
                    e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    Path database() {
        return path.resolve("db");
    }

    /**
     * Checks that the database is whole or not there at all. RocksDB would take files without the one that names them for
     * leftovers of an empty database, and delete them.
     */
    void requireNamed() throws StoreException {
        if (Files.exists(database().resolve(NAMING_FILE))) {
            return;
        }
        boolean hasData;
        try (Stream<Path> files = Files.list(database())) {
            hasData = files.map(Path::toString)
                    .anyMatch(file -> DATA_SUFFIXES.stream().anyMatch(file::endsWith));
        } catch (IOException e) {
            throw new StoreException(StoreException.Kind.FAILED, "cannot list " + database() + ": " + e, e);
        }
        if (hasData) {
            throw new StoreException(
                    StoreException.Kind.CORRUPT,
                    "cannot open the store in " + path + ": db/" + NAMING_FILE
                            + " is missing, which names its other files");
        }
    }

    /**
     * Checks that there is room on the disk.
     *
     * @throws StoreException FULL if fewer than {@code bytes} are free
     */
    void requireRoom(long bytes) throws StoreException {
        long free;
        try {
            free = Files.getFileStore(path).getUsableSpace();
        } catch (IOException e) {
            throw new StoreException(
                    StoreException.Kind.FAILED, "cannot find out how much room there is for " + path, e);
        }
        if (free < bytes) {
            throw new StoreException(
                    StoreException.Kind.FULL,
                    "no space is left for " + path + ": " + free + " bytes are free, " + bytes
                            + " are needed to go on");
        }
    }

    DiskUsage usage() throws IOException {
        long[] sums = new long[2];
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                sums[1] += DISK_PAGE;
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                long bytes = (attributes.size() + DISK_PAGE - 1) / DISK_PAGE * DISK_PAGE;
                sums[file.toString().endsWith(BLOB_SUFFIX) ? 0 : 1] += bytes;
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
        return new DiskUsage(sums[0], sums[1]);
    }

    /** Lets other processes have the directory. */
    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("cannot release the lock of " + path, e);
        }
    }
}
