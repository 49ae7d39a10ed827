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
    private long reserved;
    private long unwritten;
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
     * Sets bytes aside for a file of that length, until {@link #release}. What others are still to write counts as
     * written.
     *
     * @throws DownloadException BUSY if there is no room for them
     */
    synchronized void reserve(long bytes) throws DownloadException {
        if (reserved > 0 && bytes > maxBytes - reserved) {
            throw new DownloadException(
                    DownloadException.Kind.BUSY,
                    reserved + " bytes are being downloaded, no room for " + bytes + " more");
        }
        long room = path.toFile().getUsableSpace() - unwritten - freeBytes;
        if (bytes > room) {
            throw new DownloadException(
                    DownloadException.Kind.BUSY,
                    "the disk has no room for the " + bytes + " bytes of a NAR: " + Math.max(0, room)
                            + " are left beside what is being downloaded and " + freeBytes + " that stay free");
        }
        reserved += bytes;
        unwritten += bytes;
    }

    /** Hears that so many of the bytes set aside were written, or dropped if it is negative. */
    synchronized void wrote(long bytes) {
        unwritten -= bytes;
    }

    /**
     * Gives bytes back.
     *
     * @param bytes what was set aside for a file that is gone
     * @param written how much of it was written
     */
    synchronized void release(long bytes, long written) {
        reserved -= bytes;
        unwritten -= bytes - written;
    }

    synchronized long reserved() {
        return reserved;
    }

    /** Returns the path of a file that is not there yet. */
    Path newFile() {
        return path.resolve(Long.toString(names.incrementAndGet()));
    }
}
