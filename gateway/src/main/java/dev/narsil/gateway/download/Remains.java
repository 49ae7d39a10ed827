package dev.narsil.gateway.download;

import java.util.List;
import java.util.stream.Collectors;

/**
 * What came in a download that ended without its NAR. Whether it was wrong is told by the NAR, when that is had.
 *
 * @param beginnings one for each time another upstream had its turn, each longer than the one before
 * @param handedOut whether clients have bytes of it
 */
record Remains(List<Beginning> beginnings, boolean handedOut) {

    Remains {
        beginnings = List.copyOf(beginnings);
    }

    /** The names of those it came from. */
    String suspects() {
        return beginnings.stream().map(Beginning::suspect).distinct().collect(Collectors.joining(", "));
    }

    /** Whether more than one upstream gave it, so that it cannot be told who was wrong. */
    boolean isMixed() {
        return beginnings.stream().map(Beginning::suspect).distinct().count() > 1;
    }
}
