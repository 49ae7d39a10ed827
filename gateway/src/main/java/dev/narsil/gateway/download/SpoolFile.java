package dev.narsil.gateway.download;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of one NAR in the spool directory, and the room that is set aside for it. One thread writes; what is written is
 * told to the directory by whoever counts it.
 */
final class SpoolFile {

    private static final Logger LOG = LoggerFactory.getLogger(SpoolFile.class);

    private final SpoolDirectory directory;
    private final Path path;
    private final FileChannel out;
    private final long size;

    /**
     * An empty file.
     *
     * @param size bytes it will have
     * @throws DownloadException BUSY if there is no room for them, or it cannot be made
     */
    SpoolFile(SpoolDirectory directory, long size) throws DownloadException {
        this.directory = directory;
        this.size = size;
        directory.reserve(size);
        path = directory.newFile();
        boolean opened = false;
        try {
            out = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            opened = true;
        } catch (IOException e) {
            throw unwritable(e);
        } finally {
            if (!opened) {
                directory.release(size, 0);
            }
        }
    }

    /** Number of bytes it will have. */
    long size() {
        return size;
    }

    /** Adds bytes, which others can read when this returns. */
    void append(byte[] data, int off, int len) throws DownloadException {
        ByteBuffer bytes = ByteBuffer.wrap(data, off, len);
        try {
            while (bytes.hasRemaining()) {
                var _ = out.write(bytes);
            }
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    /** Tells the directory how many bytes were added, or dropped if it is negative. */
    void count(long bytes) {
        directory.wrote(bytes);
    }

    /** Drops all bytes. */
    void truncate() throws DownloadException {
        try {
            var _ = out.truncate(0);
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    private static DownloadException unwritable(IOException e) {
        return new DownloadException(DownloadException.Kind.BUSY, "a spool file cannot be written: " + e, e);
    }

    /** Opens it to be read, by another thread too. */
    FileChannel open() throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ);
    }

    /** Removes it. Those who have opened it can go on reading. */
    void remove() {
        try {
            out.close();
            Files.delete(path);
        } catch (IOException e) {
            LOG.warn("spool file {} cannot be removed: {}", path, e.toString());
        }
    }

    /**
     * Gives the room back, when nobody reads it any more.
     *
     * @param written how many bytes were counted
     */
    void release(long written) {
        directory.release(size, written);
    }
}
