package dev.narsil.blockstore.rocksdb;

import java.util.ArrayDeque;
import java.util.Deque;
import org.rocksdb.AbstractNativeReference;

/** The native objects of one store, closed in reverse order of their making. */
final class NativeScope implements AutoCloseable {

    private final Deque<AbstractNativeReference> objects = new ArrayDeque<>();

    <T extends AbstractNativeReference> T add(T object) {
        objects.push(object);
        return object;
    }

    @Override
    public void close() {
        while (!objects.isEmpty()) {
            objects.pop().close();
        }
    }
}
