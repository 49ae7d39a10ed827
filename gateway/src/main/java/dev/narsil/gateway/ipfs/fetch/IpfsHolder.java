package dev.narsil.gateway.ipfs.fetch;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.download.Holder;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.FileVersion;
import dev.narsil.gateway.source.OpenFile;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.Future;

/** A NAR as the UnixFS file of a daemon. */
final class IpfsHolder implements Holder {

    /** What it is called where upstreams are told apart. */
    static final String NAME = "IPFS";

    /** Upstreams that come after it in the race are asked soon after it: it was not asked first without reason. */
    private static final Duration HEDGE = Duration.ofMillis(25);

    private final Daemon daemon;
    private final Outcome outcome;
    private final Cid root;
    private final NarInfo narInfo;
    private final FileStream.Patience patience;

    /** Hears how it went. */
    interface Outcome {
        /** Hears of a stream that is begun. */
        void opened();

        /** Hears that no byte came within the time there was. */
        void nothing(Cid root, Duration time);
    }

    /** The file {@code root}, said to be the NAR of {@code path}. */
    IpfsHolder(Daemon daemon, Cid root, PathInfo path, FileStream.Patience patience, Outcome outcome) {
        this.daemon = daemon;
        this.outcome = outcome;
        this.root = root;
        this.narInfo = new NarInfo(path, "ipfs://" + root, Compression.NONE.toString(), null, path.narSize());
        this.patience = patience;
    }

    @Override
    public String upstream() {
        return NAME;
    }

    @Override
    public NarInfo narInfo() {
        return narInfo;
    }

    @Override
    public Duration hedge() {
        return HEDGE;
    }

    /** As said there, but nothing is waited for: it is known only by reading whether there is such a file. */
    @Override
    public OpenFile open(long from, FileVersion expected) throws IOException {
        FileStream file = new FileStream(root, narInfo.pathInfo().narSize(), from, this::block, patience);
        outcome.opened();
        return new OpenFile(new Watched(file), from, FileVersion.ANY);
    }

    private Future<byte[]> block(Cid cid) throws IOException {
        return daemon.begin(() -> daemon.fetch(cid));
    }

    /** Tells when its time is over and not a byte has come. */
    private final class Watched extends FilterInputStream {

        private boolean came;

        Watched(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int off, int len) throws IOException {
            try {
                int read = in.read(target, off, len);
                came = true;
                return read;
            } catch (LateException e) {
                if (!came) {
                    outcome.nothing(root, patience.first());
                }
                throw e;
            }
        }
    }
}
