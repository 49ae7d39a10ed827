package dev.narsil.gateway.upload;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;

/** A body that was received as a whole and waits on the disk, in a file without a name. */
final class SpooledBody implements AutoCloseable {

    private static final int BUFFER_BYTES = 64 << 10;

    /** Bytes of the disk that are set aside at a time. */
    private static final int STEP_BYTES = 1 << 20;

    private final FileChannel file;

    private SpooledBody(FileChannel file) {
        this.file = file;
    }

    /**
     * Receives the rest of a body.
     *
     * @throws RefusedException if the disk has no room for it
     * @throws BodyLostException if the rest does not come
     */
    static SpooledBody receive(InputStream body, UploadDisk disk) throws IOException {
        SpooledBody spooled = new SpooledBody(disk.newFile());
        boolean whole = false;
        try (UploadDisk.Room room = disk.new Room()) {
            spooled.write(body, room);
            whole = true;
            return spooled;
        } finally {
            if (!whole) {
                spooled.close();
            }
        }
    }

    private void write(InputStream body, UploadDisk.Room room) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long left = 0;
        for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
            if (left < n) {
                if (!room.grow(STEP_BYTES)) {
                    throw new RefusedException(Verdict.notPossible("the disk of this cache is full"));
                }
                left += STEP_BYTES;
            }
            ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, n);
            while (bytes.hasRemaining()) {
                left -= file.write(bytes);
            }
            room.shrinkTo(left);
        }
        file.position(0);
    }

    /** Returns its bytes, once. */
    InputStream open() {
        return Channels.newInputStream(file);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
