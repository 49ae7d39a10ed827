package dev.narsil.blockstore.ipfs.dagcbor;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is open around a place in a value: how many values are still due in each array and map, and the last key of
 * each map.
 *
 * @param <X> what is thrown where a value or a key is not due
 */
final class Nesting<X extends Exception> {

    private final Function<String, X> error;
    private final Deque<Level> open = new ArrayDeque<>();
    private boolean written;

    private static final class Level {
        final boolean map;
        long left;
        boolean keyed;
        byte @Nullable [] lastKey;

        Level(boolean map, long left) {
            this.map = map;
            this.left = left;
        }
    }

    Nesting(Function<String, X> error) {
        this.error = error;
    }

    /** Number of arrays and maps around this place. */
    int depth() {
        return open.size();
    }

    /** Says that a value comes here. */
    void value() throws X {
        leaveFull();
        Level level = open.peek();
        if (level == null) {
            if (written) {
                throw error.apply("a second value follows the first");
            }
            written = true;
        } else if (level.map && !level.keyed) {
            throw error.apply("a key is due, not a value");
        } else {
            level.keyed = false;
            level.left--;
        }
    }

    /** Says that a key comes here. */
    void key(byte[] key) throws X {
        leaveFull();
        Level level = open.peek();
        if (level == null || !level.map || level.keyed) {
            throw error.apply("no key is due");
        }
        if (level.lastKey != null && compare(level.lastKey, key) >= 0) {
            throw error.apply("the keys of a map are not in order, or not different");
        }
        level.lastKey = key;
        level.keyed = true;
    }

    /** Says that the value that comes here is an array or a map with this many values. */
    void open(boolean map, long values) {
        open.push(new Level(map, values));
    }

    /** Says that nothing comes here. */
    void finish() throws X {
        leaveFull();
        if (!written || !open.isEmpty()) {
            throw error.apply("the value is not complete");
        }
    }

    private void leaveFull() {
        for (Level level = open.peek(); level != null && level.left == 0 && !level.keyed; level = open.peek()) {
            open.pop();
        }
    }

    private static int compare(byte[] a, byte[] b) {
        return a.length != b.length ? Integer.compare(a.length, b.length) : Arrays.compareUnsigned(a, b);
    }
}
