package dev.narsil.blockstore;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Makes the bounded pools of platform threads that native calls run on: on virtual threads they would pin. */
final class NativePool {

    /** Most tasks that wait for a thread. */
    static final int QUEUE = 8192;

    private NativePool() {}

    /** Returns a pool of one daemon thread a core. A task beyond the queue's bound is rejected. */
    static ThreadPoolExecutor create(String name) {
        int threads = Math.max(2, Runtime.getRuntime().availableProcessors());
        ThreadFactory factory = Thread.ofPlatform().name(name + "-", 0).daemon().factory();
        return new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(QUEUE), factory);
    }
}
