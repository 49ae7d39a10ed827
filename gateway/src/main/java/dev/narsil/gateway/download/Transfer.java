package dev.narsil.gateway.download;

import dev.narsil.gateway.source.Compression;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a NAR out of the file of one holder: decodes it, drops what came before, and takes in what follows. Used by the
 * thread of the download.
 */
final class Transfer {

    private static final Logger LOG = LoggerFactory.getLogger(Transfer.class);

    /** Bytes handed to readers at a time: few at first, for an early first byte. */
    private static final int PIECE_BYTES = 64 << 10;

    private static final int FIRST_PIECE_BYTES = 8 << 10;

    private final Intake intake;
    private final Download.Environment environment;
    private final Cancellation cancellation;
    private final Completion completion;
    private final byte[] piece = new byte[PIECE_BYTES];

    /** Hears of the end. */
    interface Completion {

        /** All of the NAR came. The end of its file is read when this returns. */
        void cameInFull() throws IOException, InterruptedException;
    }

    /** One into {@code intake}, which goes on until that has all or the download is cancelled. */
    Transfer(Intake intake, Download.Environment environment, Cancellation cancellation, Completion completion) {
        this.intake = intake;
        this.environment = environment;
        this.cancellation = cancellation;
        this.completion = completion;
    }

    /**
     * Takes what a file gives.
     *
     * @param rival hears how it comes
     * @throws IOException if not all of it comes; {@link WireFile#failure()} tells whether the wire is why
     */
    void run(WireFile file, Rival rival) throws IOException, InterruptedException {
        Compression compression = Compression.of(file.holder().narInfo().compression());
        if (compression == Compression.NONE) {
            copy(file, file, rival);
            return;
        }
        BufferedInputStream buffered = new BufferedInputStream(file, PIECE_BYTES);
        DecoderPool.Taken taken = environment.decoders().acquire(file.holder().upstream(), compression, buffered);
        try (InputStream decoded = taken.memory().decode(buffered)) {
            copy(decoded, file, rival);
        } finally {
            environment.decoders().release(taken);
        }
    }

    private void copy(InputStream in, WireFile file, Rival rival) throws IOException, InterruptedException {
        skip(in, intake.received() - (in == file ? file.position() : 0));
        long from = intake.received();
        rival.begin();
        while (intake.missing() > 0) {
            long most = Math.min(FIRST_PIECE_BYTES + intake.received() - from, intake.missing());
            int read = read(in, most);
            if (read > 0) {
                intake.add(file.holder().suspect(), piece, read);
                environment.counters().narBytes.add(read);
                rival.came(read, intake.missing());
            }
        }
        completion.cameInFull();
        file.dropRest();
        drain(in);
    }

    /** Drops what came before. */
    private void skip(InputStream in, long bytes) throws IOException {
        for (long left = bytes; left > 0; ) {
            left -= read(in, left);
            intake.nar().expectMore();
        }
    }

    /** Reads into the piece. */
    private int read(InputStream in, long most) throws IOException {
        int read = in.read(piece, 0, (int) Math.min(piece.length, most));
        if (read < 0) {
            throw new IOException("it ends before the NAR does, of which " + intake.missing() + " bytes are missing");
        }
        cancellation.check();
        return read;
    }

    /** Reads the end of the file if it comes soon, so that its connection can be used again. */
    private void drain(InputStream in) {
        try {
            var _ = in.read(piece, 0, 1);
        } catch (IOException e) {
            LOG.debug("behind the NAR", e);
        }
    }
}
