package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarReader;
import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.StoreException;
import dev.narsil.gateway.alias.AliasEncoder;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A range of a file that must be computed. Slices are empty while what is before the range is computed. */
final class EncodedBody implements NarBody {

    private final EncoderThreads.Lease lease;
    private final AliasEncoder encoder;
    private final long length;
    private final long narSize;
    private final Continuation continuation;

    private @Nullable NarReader reader;
    private long narPosition;
    private boolean ended;

    /** Opens the part of the NAR that follows. */
    interface Continuation {

        /** Returns a reader of the NAR from an offset on; empty if the NAR is not there any more. */
        Optional<NarReader> open(long from) throws IOException, InterruptedException;
    }

    /**
     * A range of {@code length} bytes.
     *
     * @param lease what permits to compute; closed with this
     * @param encoder computes the range
     * @param narSize length of the NAR
     * @param reader the beginning of the NAR
     */
    EncodedBody(
            EncoderThreads.Lease lease,
            AliasEncoder encoder,
            long length,
            long narSize,
            NarReader reader,
            Continuation continuation) {
        this.lease = lease;
        this.encoder = encoder;
        this.length = length;
        this.narSize = narSize;
        this.reader = reader;
        this.continuation = continuation;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public boolean ready() {
        return true;
    }

    @Override
    public @Nullable NarSlice next() throws IOException, InterruptedException {
        if (ended) {
            return null;
        }
        NarSlice nar = nar();
        byte[] bytes = lease.call(
                () -> nar == null ? encoder.finish() : encoder.encode(nar.array(), nar.offset(), nar.length()));
        ended = nar == null || encoder.isComplete();
        return new NarSlice(bytes, 0, bytes.length);
    }

    private @Nullable NarSlice nar() throws IOException, InterruptedException {
        NarReader current = reader;
        while (current != null) {
            NarSlice slice = current.next();
            if (slice != null) {
                narPosition += slice.length();
                return slice;
            }
            current.close();
            reader = null;
            current = narPosition == narSize
                    ? null
                    : continuation.open(narPosition).orElseThrow(this::cut);
            reader = current;
        }
        return null;
    }

    /** A file made of a part of the NAR would be a wrong one, whatever range of it was asked for. */
    private StoreException cut() {
        return new StoreException(
                StoreException.Kind.CORRUPT, "the NAR ends " + (narSize - narPosition) + " bytes early");
    }

    @Override
    public void close() {
        if (reader != null) {
            reader.close();
        }
        lease.close();
    }
}
