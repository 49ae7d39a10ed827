package dev.narsil.gateway.download;

import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.FileVersion;
import dev.narsil.gateway.source.OpenFile;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A holder whose files come slowly, a piece of 8 KiB after a pause each. */
record SlowHolder(Holder holder, NarOrigin origin, long pauseNanos) implements Holder {

    private static final int PIECE = 8 << 10;

    @Override
    public String upstream() {
        return holder.upstream();
    }

    @Override
    public NarInfo narInfo() {
        return holder.narInfo();
    }

    @Override
    public Duration hedge() {
        return holder.hedge();
    }

    @Override
    public OpenFile open(long from, FileVersion expected) throws IOException {
        OpenFile file = holder.open(from, expected);
        return new OpenFile(new Slow(file.in()), file.from(), file.version());
    }

    private final class Slow extends FilterInputStream {

        Slow(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] target, int off, int len) throws IOException {
            LockSupport.parkNanos(pauseNanos);
            return in.read(target, off, Math.min(len, PIECE));
        }
    }
}
