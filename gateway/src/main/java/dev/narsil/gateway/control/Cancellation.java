package dev.narsil.gateway.control;

import java.util.ArrayList;
import java.util.List;

/** The wish of a command's user that it ends early. Safe for use by many threads. */
public final class Cancellation {

    private final List<Runnable> actions = new ArrayList<>();
    private boolean cancelled;

    /** Asks the command to end: runs what was registered, once. */
    public void cancel() {
        List<Runnable> due;
        synchronized (this) {
            if (cancelled) {
                return;
            }
            cancelled = true;
            due = List.copyOf(actions);
        }
        due.forEach(Runnable::run);
    }

    public synchronized boolean isCancelled() {
        return cancelled;
    }

    /** Registers what makes the command stop; it runs at once if that is already wished. It must not block. */
    public void onCancel(Runnable action) {
        synchronized (this) {
            if (!cancelled) {
                actions.add(action);
                return;
            }
        }
        action.run();
    }

    /** Throws if the command should end. */
    public void check() throws CancelledException {
        if (isCancelled()) {
            throw new CancelledException();
        }
    }
}
