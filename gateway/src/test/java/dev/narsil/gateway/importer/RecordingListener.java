package dev.narsil.gateway.importer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Writes down what it hears. */
final class RecordingListener implements ImportListener {

    private final List<String> events = new ArrayList<>();
    private final AtomicLong taken = new AtomicLong();

    @Override
    public synchronized void discovered(long paths, boolean all) {
        if (all) {
            events.add("all " + paths);
        }
    }

    @Override
    public void taken(int narBytes) {
        taken.addAndGet(narBytes);
    }

    @Override
    public synchronized void imported(String path, long narBytes, long fileBytes) {
        events.add("imported " + path);
    }

    @Override
    public synchronized void skipped(String path) {
        events.add("skipped " + path);
    }

    @Override
    public synchronized void failed(String path, String reason) {
        events.add("failed " + path);
    }

    @Override
    public synchronized void message(String text) {
        events.add("message " + text);
    }

    synchronized List<String> events() {
        return List.copyOf(events);
    }

    long takenBytes() {
        return taken.get();
    }
}
