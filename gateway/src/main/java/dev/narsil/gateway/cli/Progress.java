package dev.narsil.gateway.cli;

import dev.narsil.gateway.control.Terminal;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Shows on standard error how far a command is until it is closed: a bar where that is a terminal, else a line every few
 * seconds. Shows nothing when the command is to be quiet.
 */
final class Progress implements AutoCloseable {

    private static final Duration BAR_INTERVAL = Duration.ofMillis(200);
    private static final Duration LINE_INTERVAL = Duration.ofSeconds(5);
    private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(2);

    /** Samples the shown rate is taken over. */
    private static final int SAMPLES = 25;

    private static final String ERASE_LINE = "\r\u001b[K";

    private record Sample(long nanos, long bytes) {}

    private final Invocation invocation;
    private final Supplier<ProgressState> source;
    private final Duration interval;
    private final long started = System.nanoTime();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Deque<Sample> samples = new ArrayDeque<>();
    private final Thread ticker;
    private int shown;

    private Progress(Invocation invocation, Supplier<ProgressState> source, Duration interval) {
        this.invocation = invocation;
        this.source = source;
        this.interval = interval;
        this.ticker = Thread.ofPlatform().daemon().name("progress").unstarted(this::tick);
    }

    /** Starts showing what {@code source} says, which is asked from another thread. */
    static Progress show(Invocation invocation, Supplier<ProgressState> source) {
        return show(invocation, source, invocation.terminal().error() ? BAR_INTERVAL : LINE_INTERVAL);
    }

    static Progress show(Invocation invocation, Supplier<ProgressState> source, Duration interval) {
        Progress progress = new Progress(invocation, source, interval);
        if (!invocation.quiet()) {
            progress.ticker.start();
        }
        return progress;
    }

    /** Returns the time since it was started. */
    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - started);
    }

    /** Stops, and removes the bar. */
    @Override
    public void close() {
        closed.countDown();
        if (!ticker.isAlive()) {
            return;
        }
        try {
            ticker.join(CLOSE_DEADLINE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tick() {
        try {
            while (!closed.await(interval.toMillis(), TimeUnit.MILLISECONDS)) {
                draw();
            }
            erase();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // Whoever watched is gone; the command hears of that by itself.
            closed.countDown();
        }
    }

    private void draw() throws IOException {
        ProgressState state = source.get();
        Terminal terminal = invocation.terminal();
        double rate = rate(state.bytes());
        if (!terminal.error()) {
            invocation.tell(ProgressLine.plain(state, elapsed(), rate) + "\n");
            return;
        }
        String line = ProgressLine.bar(state, elapsed(), rate, terminal.width() - 1, terminal.color());
        if (terminal.color()) {
            invocation.tell(ERASE_LINE + line);
        } else {
            invocation.tell("\r" + line + " ".repeat(Math.max(0, shown - line.length())));
        }
        shown = line.length();
    }

    private void erase() throws IOException {
        if (shown > 0) {
            invocation.tell(invocation.terminal().color() ? ERASE_LINE : "\r" + " ".repeat(shown) + "\r");
        }
    }

    private double rate(long bytes) {
        Sample now = new Sample(System.nanoTime(), bytes);
        Sample first = samples.isEmpty() ? new Sample(started, 0) : samples.getFirst();
        samples.addLast(now);
        if (samples.size() > SAMPLES) {
            samples.removeFirst();
        }
        double seconds = (now.nanos - first.nanos) / 1e9;
        return seconds <= 0 ? 0 : Math.max(0, bytes - first.bytes) / seconds;
    }
}
