package dev.narsil.gateway.donate;

import dev.narsil.gateway.sharing.NamedRecords;
import dev.narsil.rewrite.path.StorePath;
import java.util.List;

/**
 * What a user says of a donation.
 *
 * @param name what it is called
 * @param roots the paths of whose closures it is
 * @param maxBytes most bytes of NAR of the closures
 * @param skipPrivate whether paths that are not public are left out; else a closure with one is refused
 * @param uploadRate most bytes a second that are sent to the daemon; 0 for as fast as it takes them
 * @param maxPeers most peers the daemon shall have; 0 for its own matter
 */
public record DonationTerms(
        String name, List<StorePath> roots, long maxBytes, boolean skipPrivate, long uploadRate, int maxPeers) {

    /** Most paths that are named. */
    public static final int MAX_ROOTS = 1000;

    /** The lowest rate: a daemon that takes less is given up. */
    public static final long MIN_UPLOAD_RATE = 512 << 10;

    /** Checks and copies; throws IllegalArgumentException with the reason if a part is out of its bounds. */
    public DonationTerms {
        NamedRecords.checkName(name);
        roots = List.copyOf(roots);
        if (roots.isEmpty() || roots.size() > MAX_ROOTS) {
            throw new IllegalArgumentException("a donation is of 1 to " + MAX_ROOTS + " store paths");
        }
        if (maxBytes < 1) {
            throw new IllegalArgumentException("a donation of no bytes");
        }
        if (uploadRate != 0 && uploadRate < MIN_UPLOAD_RATE) {
            throw new IllegalArgumentException("an upload rate is at least " + MIN_UPLOAD_RATE + " bytes a second");
        }
        if (maxPeers < 0) {
            throw new IllegalArgumentException("maxPeers=" + maxPeers);
        }
    }
}
