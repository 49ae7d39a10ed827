package dev.narsil.gateway.ipfs;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Who knows under which CIDs a NAR is said to be in IPFS. Safe for use by many threads. */
@FunctionalInterface
public interface NarRoots {

    /**
     * Returns the roots of UnixFS files that are said to be this NAR, each once, those first that are to be tried first,
     * from what is known here: nobody else is asked. Some tens at most.
     */
    List<Cid> roots(Sha256 narHash) throws IOException;

    /** Returns those of several, one after the other; one that fails is left out, unless nobody knows any. */
    static NarRoots of(List<NarRoots> all) {
        List<NarRoots> inOrder = List.copyOf(all);
        return narHash -> {
            Set<Cid> roots = new LinkedHashSet<>();
            IOException failure = null;
            for (NarRoots each : inOrder) {
                try {
                    roots.addAll(each.roots(narHash));
                } catch (InterruptedIOException e) {
                    throw e;
                } catch (IOException e) {
                    failure = e;
                }
            }
            if (roots.isEmpty() && failure != null) {
                throw failure;
            }
            return List.copyOf(roots);
        };
    }
}
