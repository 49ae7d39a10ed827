package dev.narsil.gateway.download;

import dev.narsil.blockstore.NarSlice;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/** Compares what came in earlier downloads of a NAR with the NAR itself, once its hash is right. */
final class EarlierRemains {

    private EarlierRemains() {}

    /** Judges what is remembered of {@code narHash}; {@code nar} has all of it, and right. */
    static void settle(Sha256 narHash, SpooledNar nar, Suspicions suspicions) throws IOException, InterruptedException {
        List<Remains> remains = suspicions.unsettled(narHash);
        NavigableSet<Long> lengths = new TreeSet<>();
        remains.stream()
                .flatMap(each -> each.beginnings().stream())
                .mapToLong(Beginning::length)
                .filter(length -> length <= nar.size())
                .forEach(lengths::add);
        Map<Long, Sha256> hashes = hashes(nar, lengths);
        suspicions.settle(narHash, remains, hashes::get);
    }

    /** Returns the hashes of beginnings of these lengths. */
    private static Map<Long, Sha256> hashes(SpooledNar nar, NavigableSet<Long> lengths)
            throws IOException, InterruptedException {
        Map<Long, Sha256> hashes = new HashMap<>();
        MessageDigest digest = Sha256.newDigest();
        long done = 0;
        for (long length : lengths) {
            DownloadReader part = nar.join(done, length - done, false);
            if (part == null) {
                throw new IOException("the spool file is gone");
            }
            try (part) {
                for (NarSlice slice = part.next(); slice != null; slice = part.next()) {
                    digest.update(slice.array(), slice.offset(), slice.length());
                }
            }
            hashes.put(length, Arrived.hash(digest));
            done = length;
        }
        return hashes;
    }
}
