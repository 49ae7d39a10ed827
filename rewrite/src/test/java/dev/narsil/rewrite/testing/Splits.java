package dev.narsil.rewrite.testing;

import java.io.IOException;
import java.util.random.RandomGenerator;

/** Feeds bytes in pieces. */
public final class Splits {

    /** Takes a piece. */
    public interface Feed<X extends IOException> {
        void feed(byte[] data, int off, int len) throws X;
    }

    private Splits() {}

    /** Feeds {@code data} in two pieces, cut at {@code at}, each an array of its own. */
    public static <X extends IOException> void two(byte[] data, int at, Feed<X> feed) throws X {
        piece(data, 0, at, feed);
        piece(data, at, data.length, feed);
    }

    /** Feeds {@code data} in pieces of {@code length} bytes. */
    public static <X extends IOException> void every(byte[] data, int length, Feed<X> feed) throws X {
        for (int at = 0; at < data.length; at += length) {
            piece(data, at, Math.min(data.length, at + length), feed);
        }
    }

    /** Feeds {@code data} in pieces of 0 to {@code longest} bytes, short ones as likely as long ones. */
    public static <X extends IOException> void random(byte[] data, int longest, RandomGenerator random, Feed<X> feed)
            throws X {
        for (int at = 0; at < data.length; ) {
            int end = Math.min(data.length, at + random.nextInt(1 + random.nextInt(1 + longest)));
            piece(data, at, end, feed);
            at = end;
        }
    }

    /** Feeds [from, to) from the middle of an array that holds other bytes around it. */
    private static <X extends IOException> void piece(byte[] data, int from, int to, Feed<X> feed) throws X {
        byte[] copy = new byte[to - from + 2];
        copy[0] = 'x';
        copy[copy.length - 1] = 'x';
        System.arraycopy(data, from, copy, 1, to - from);
        feed.feed(copy, 1, to - from);
    }
}
