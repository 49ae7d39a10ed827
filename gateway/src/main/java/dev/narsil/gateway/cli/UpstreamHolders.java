package dev.narsil.gateway.cli;

import dev.narsil.gateway.download.Holder;
import dev.narsil.gateway.download.Holders;
import dev.narsil.gateway.download.KnownHolders;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.FileVersion;
import dev.narsil.gateway.source.OpenFile;
import dev.narsil.gateway.upstream.NarHolders;
import dev.narsil.gateway.upstream.RemoteNar;
import dev.narsil.gateway.upstream.Upstreams;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** The files of NARs at upstreams, as downloads want them. */
public final class UpstreamHolders implements Holders {

    private final Upstreams upstreams;

    /** Those of these upstreams. */
    public UpstreamHolders(Upstreams upstreams) {
        this.upstreams = upstreams;
    }

    private record File(RemoteNar nar) implements Holder {
        @Override
        public String upstream() {
            return nar.upstream();
        }

        @Override
        public NarInfo narInfo() {
            return nar.narInfo();
        }

        @Override
        public Duration hedge() {
            return nar.hedge();
        }

        @Override
        public OpenFile open(long from, FileVersion expected) throws IOException {
            return nar.open(from, expected);
        }
    }

    @Override
    public KnownHolders of(Sha256 narHash) throws InterruptedException {
        NarHolders found = upstreams.holders(narHash);
        return new KnownHolders(files(found.now()), found.late().thenApply(UpstreamHolders::files));
    }

    private static List<Holder> files(List<RemoteNar> nars) {
        return nars.stream().<Holder>map(File::new).toList();
    }

    @Override
    public int upstreams() {
        return upstreams.states().size();
    }
}
