package dev.narsil.gateway.download;

import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.util.List;

/** Knows which upstreams hold a NAR. */
@FunctionalInterface
public interface Holders {

    /** Returns the files that hold a NAR, the best first; none if none is known. May ask upstreams, so it blocks. */
    List<Holder> of(Sha256 narHash) throws IOException, InterruptedException;

    /** Returns how many upstreams there are, of which none may have all the room that downloads have. */
    default int upstreams() {
        return 1;
    }
}
