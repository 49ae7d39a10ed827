package dev.narsil.gateway.download;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A NAR in a file that grows while others read it. While it is not proven, no client gets the last bytes of what it
 * wants, be that the NAR or a range of it. One thread writes; any number read.
 */
final class SpooledNar {

    /** How long a reader waits without any sign of life, in line for a download too. */
    static final long MAX_WAIT_NANOS = TimeUnit.SECONDS.toNanos(150);

    private final SpoolFile file;
    private final AtomicInteger allClients;
    private final Runnable onDeserted;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long received;
    private long signs;
    private boolean proven;
    private boolean restsRefused;
    private boolean retired;
    private boolean given;
    private int clients;
    private int holds = 1;
    private @Nullable DownloadException failure;

    /**
     * An empty file for a NAR.
     *
     * @param size the NarSize
     * @param allClients counts those who read any NAR
     * @param onDeserted runs when the last client leaves
     */
    SpooledNar(SpoolDirectory directory, long size, AtomicInteger allClients, Runnable onDeserted)
            throws DownloadException {
        this.allClients = allClients;
        this.onDeserted = onDeserted;
        this.file = new SpoolFile(directory, size);
    }

    long size() {
        return file.size();
    }

    /** Adds bytes, by the one thread that writes. */
    void append(byte[] data, int off, int len) throws DownloadException {
        file.append(data, off, len);
        lock.lock();
        try {
            received += len;
            file.count(len);
            signs++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Has readers wait on although no bytes are added, as those that came had come before. */
    void expectMore() {
        lock.lock();
        try {
            signs++;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets readers have all of it, as its hash is right.
     *
     * @param refuseRests whether clients that want a rest of it may have a wrong beginning, so that they get no more
     */
    void prove(boolean refuseRests) {
        lock.lock();
        try {
            proven = true;
            restsRefused = refuseRests;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Drops what was added, by the one thread that writes; returns false if a client had some of it. */
    boolean restart() throws DownloadException {
        lock.lock();
        try {
            if (given) {
                return false;
            }
            file.truncate();
            file.count(-received);
            received = 0;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Hears that a NAR ends for all its readers, before they do. */
    interface LastWord {

        /**
         * Remembers what is to be remembered.
         *
         * @param given whether clients had bytes of it
         */
        void ends(boolean given);
    }

    /** Ends it for all readers, unless it is proven or has failed. */
    void fail(DownloadException reason, LastWord lastWord) {
        lock.lock();
        try {
            if (!proven && failure == null) {
                lastWord.ends(given);
                failure = reason;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends it if no client reads it and less than half of it is there, after which nobody can begin to.
     *
     * @return whether it has ended by this
     */
    boolean failIfUnwanted(DownloadException reason, LastWord lastWord) {
        lock.lock();
        try {
            boolean unwanted = clients == 0 && received < size() / 2 && !proven && failure == null;
            if (unwanted) {
                lastWord.ends(given);
                failure = reason;
                changed.signalAll();
            }
            return unwanted;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Opens a part of it; null if it has failed or is retired.
     *
     * @param client whether a client reads, for whose sake the download goes on
     */
    @Nullable
    DownloadReader join(long from, long length, boolean client) throws IOException {
        lock.lock();
        try {
            if (retired || failure != null) {
                return null;
            }
            DownloadReader reader = new DownloadReader(this, file.open(), new Part(from, from + length, client));
            if (client) {
                clients++;
                allClients.incrementAndGet();
            }
            holds++;
            return reader;
        } finally {
            lock.unlock();
        }
    }

    /** Whether clients had bytes of it, so that they cannot be replaced. */
    boolean isGiven() {
        lock.lock();
        try {
            return given;
        } finally {
            lock.unlock();
        }
    }

    /** Whether nobody can begin to read it any more. */
    boolean isOver() {
        lock.lock();
        try {
            return retired || failure != null;
        } finally {
            lock.unlock();
        }
    }

    /** Gives back what {@link #join} gave. */
    void leave(boolean client) {
        boolean deserted;
        lock.lock();
        try {
            if (client) {
                clients--;
                allClients.decrementAndGet();
            }
            deserted = client && clients == 0;
            letGo();
        } finally {
            lock.unlock();
        }
        if (deserted) {
            onDeserted.run();
        }
    }

    /** Removes the file. Those who read it go on, nobody else can begin. */
    void retire() {
        lock.lock();
        try {
            if (!retired) {
                retired = true;
                file.remove();
                letGo();
            }
        } finally {
            lock.unlock();
        }
    }

    private void letGo() {
        if (--holds == 0) {
            file.release(received);
        }
    }

    /** Whether bytes at {@code position} can be read without waiting, or never. */
    boolean isSettled(long position, Part part) {
        lock.lock();
        try {
            return failure != null || readable(part) > position;
        } finally {
            lock.unlock();
        }
    }

    /** Has readers that wait look again. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for bytes at {@code position} and returns up to where there are some.
     *
     * @param part what the reader wants in all
     * @param taken whether it takes them now
     * @param givenUp whether the reader does not want them any more, after which {@link #wake} is called
     * @throws DownloadException if there will be none
     */
    long await(long position, Part part, boolean taken, BooleanSupplier givenUp)
            throws DownloadException, InterruptedException {
        lock.lock();
        try {
            long seen = signs;
            long nanos = MAX_WAIT_NANOS;
            while (readable(part) <= position || failure != null) {
                if (failure != null) {
                    throw failure.again();
                }
                if (givenUp.getAsBoolean()) {
                    throw new DownloadException(DownloadException.Kind.CANCELLED, "the client has gone");
                }
                if (signs != seen) {
                    seen = signs;
                    nanos = MAX_WAIT_NANOS;
                }
                if (nanos <= 0) {
                    throw new DownloadException(DownloadException.Kind.BUSY, "nothing came for too long");
                }
                nanos = changed.awaitNanos(nanos);
            }
            if (restsRefused && part.isRest()) {
                throw new DownloadException(DownloadException.Kind.WRONG, "what came before was wrong");
            }
            given |= taken && part.client();
            return readable(part);
        } finally {
            lock.unlock();
        }
    }

    private long readable(Part part) {
        return proven ? size() : Math.min(received, part.unprovenEnd());
    }
}
