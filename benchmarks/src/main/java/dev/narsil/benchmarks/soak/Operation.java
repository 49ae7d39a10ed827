package dev.narsil.benchmarks.soak;

import java.util.Locale;

/** The sorts of operations of a soak, and how often each is chosen, relative to the others. */
enum Operation {
    NARINFO(30),
    ABSENT(8),
    NAR(12),
    RANGE(8),
    ALIAS(6),
    LEAVE(4),
    LISTING(2),
    FIXED(4),
    MALFORMED(2),
    PULL_BOTH(10),
    PULL_FLAKY(6),
    UPLOAD(10),
    UPLOAD_CUT(3),
    CONFLICT(2),
    SIGN(2),
    REFUSED(3),
    SMALL_FILE(8),
    TOKEN(0.1),
    COMMAND(0.1);

    private final double weight;

    Operation(double weight) {
        this.weight = weight;
    }

    double weight() {
        return weight;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
