package dev.narsil.gateway.ipfs.fetch;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.download.Holder;
import dev.narsil.gateway.download.NarOrigin;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.FileVersion;
import dev.narsil.gateway.source.OpenFile;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;

/** A NAR as the UnixFS file of a daemon. */
final class IpfsHolder implements Holder {

    /** What it is called where upstreams are told apart. */
    static final String NAME = "IPFS";

    /** Upstreams that come after it in the race are asked soon after it: it was not asked first without reason. */
    private static final Duration HEDGE = Duration.ofMillis(25);

    private final Outcome outcome;
    private final FileRoot root;
    private final NarInfo narInfo;
    private final FileStream.Patience patience;

    /** Hears how it went. */
    interface Outcome {
        /** Hears of a stream that is begun, and tells where its blocks come from. */
        DeltaOrigin opened(FileRoot root, PathInfo path);

        /** Hears that no byte came within the time there was. */
        void nothing(Cid root, Duration time);
    }

    /** The file {@code root}, said to be the NAR of {@code path}. */
    IpfsHolder(FileRoot root, PathInfo path, FileStream.Patience patience, Outcome outcome) {
        this.outcome = outcome;
        this.root = root;
        this.narInfo = new NarInfo(path, "ipfs://" + root.cid(), Compression.NONE.toString(), null, path.narSize());
        this.patience = patience;
    }

    @Override
    public String upstream() {
        return NAME;
    }

    @Override
    public String suspect() {
        return NAME + ' ' + root.cid();
    }

    @Override
    public NarOrigin origin() {
        return NarOrigin.IPFS;
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
        PathInfo path = narInfo.pathInfo();
        DeltaOrigin origin = outcome.opened(root, path);
        FileStream file = new FileStream(root.cid(), path.narSize(), from, origin, patience);
        return new OpenFile(new Watched(file, origin), from, FileVersion.ANY);
    }

    /** Tells when its time is over and not a byte has come, and closes all. */
    private final class Watched extends FilterInputStream {

        private final DeltaOrigin origin;
        private boolean came;

        Watched(InputStream in, DeltaOrigin origin) {
            super(in);
            this.origin = origin;
        }

        @Override
        public void close() throws IOException {
            in.close();
            origin.close();
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
                    outcome.nothing(root.cid(), patience.first());
                }
                throw e;
            }
        }
    }
}
