package dev.narsil.gateway.download;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** The directory of the spool files, and how much they may take. What a process left there is of no use to the next. */
final class SpoolDirectory {

    private final Path path;
    private final long maxBytes;
    private final long freeBytes;
    private final AtomicLong reserved = new AtomicLong();
    private final AtomicLong names = new AtomicLong();

    /** Makes the directory, or empties it. */
    SpoolDirectory(Path path, long maxBytes, long freeBytes) throws IOException {
        this.path = path;
        this.maxBytes = maxBytes;
        this.freeBytes = freeBytes;
        Files.createDirectories(path);
        try (DirectoryStream<Path> left = Files.newDirectoryStream(path)) {
            for (Path file : left) {
                Files.delete(file);
            }
        }
    }

    /**
     * Sets bytes aside, until {@link #release}.
     *
     * @throws DownloadException BUSY if there is no room for them
     */
    void reserve(long bytes) throws DownloadException {
        long before = reserved.getAndUpdate(held -> fits(held, bytes) ? held + bytes : held);
        if (!fits(before, bytes)) {
            throw new DownloadException(
                    DownloadException.Kind.BUSY,
                    before + " bytes are being downloaded, no room for " + bytes + " more");
        }
        if (path.toFile().getUsableSpace() - bytes < freeBytes) {
            release(bytes);
            throw new DownloadException(
                    DownloadException.Kind.BUSY, "the disk has no room for the " + bytes + " bytes of a NAR");
        }
    }

    private boolean fits(long held, long bytes) {
        return held == 0 || bytes <= maxBytes - held;
    }

    void release(long bytes) {
        reserved.addAndGet(-bytes);
    }

    long reserved() {
        return reserved.get();
    }

    /** Returns the path of a file that is not there yet. */
    Path newFile() {
        return path.resolve(Long.toString(names.incrementAndGet()));
    }
}
