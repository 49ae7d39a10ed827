package dev.narsil.gateway.upload;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** The disk that uploads are stored on: how much they may fill of it together, and files for bodies that wait. */
final class UploadDisk {

    private final Path spoolDirectory;
    private final LongSupplier usableBytes;
    private final long spareBytes;
    private final AtomicLong reserved = new AtomicLong();

    /**
     * A disk.
     *
     * @param spoolDirectory is made when a body has to wait
     * @param usableBytes tells how much fits
     * @param spareBytes what is left free
     */
    UploadDisk(Path spoolDirectory, LongSupplier usableBytes, long spareBytes) {
        this.spoolDirectory = spoolDirectory;
        this.usableBytes = usableBytes;
        this.spareBytes = spareBytes;
    }

    /** Bytes set aside for one upload and not written yet. */
    final class Room implements AutoCloseable {

        private long bytes;

        /** Sets more aside; returns false if there is no room. For the thread of the upload. */
        boolean grow(long more) {
            long usable = usableBytes.getAsLong() - spareBytes;
            long all = reserved.addAndGet(more);
            if (all > usable) {
                reserved.addAndGet(-more);
                return false;
            }
            bytes += more;
            return true;
        }

        /** Gives all but this many bytes back, as the others are written. For the thread of the upload. */
        void shrinkTo(long left) {
            if (left < bytes) {
                reserved.addAndGet(left - bytes);
                bytes = left;
            }
        }

        @Override
        public void close() {
            shrinkTo(0);
        }
    }

    /** Sets {@code bytes} aside; empty if they may not fit beside what others have set aside. */
    Optional<Room> reserve(long bytes) {
        Room room = new Room();
        return room.grow(bytes) ? Optional.of(room) : Optional.empty();
    }

    /** Opens a new file, to be written and read, that is gone when it is closed or the process ends. */
    FileChannel newFile() throws IOException {
        Files.createDirectories(spoolDirectory);
        Path file = Files.createTempFile(spoolDirectory, "upload-", "");
        try {
            return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } finally {
            Files.delete(file);
        }
    }
}
