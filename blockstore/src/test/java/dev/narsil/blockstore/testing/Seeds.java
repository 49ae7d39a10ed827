package dev.narsil.blockstore.testing;

import java.util.Random;
import java.util.stream.LongStream;

/** Seeds of random tests: new ones for every run, told by the name of the test, or the one of {@code -Dnarsil.seed}. */
public final class Seeds {

    private Seeds() {}

    /** Returns this many seeds. */
    public static LongStream fresh(int count) {
        Long given = Long.getLong("narsil.seed");
        return given != null ? LongStream.of(given) : new Random().longs(count, 0, 1L << 32);
    }
}
