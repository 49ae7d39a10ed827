package dev.narsil.chunker;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** All the cuts of a stream held in memory. */
final class Cuts {

    private Cuts() {}

    /** Lengths of the blocks of all of {@code data} from {@code from} on. */
    static List<Integer> lengths(Chunker chunker, byte[] data, int from) {
        List<Integer> lengths = new ArrayList<>();
        for (int at = from; at < data.length; at += lengths.getLast()) {
            lengths.add(chunker.cut(data, at, data.length - at));
        }
        return lengths;
    }

    /** Offsets in {@code data} at which blocks end. */
    static List<Integer> ends(Chunker chunker, byte[] data, int from) {
        List<Integer> ends = new ArrayList<>();
        int end = from;
        for (int length : lengths(chunker, data, from)) {
            end += length;
            ends.add(end);
        }
        return ends;
    }

    static byte[] random(long seed, int length) {
        byte[] data = new byte[length];
        new Random(seed).nextBytes(data);
        return data;
    }
}
