package dev.narsil.benchmarks.soak;

import dev.narsil.blockstore.StoreOptions;

/**
 * What is measured of a server while it runs, and by how much it may grow between an early and a late part of a soak. A short soak is
 * over before the caches, which have bounds, are full, and before the JVM has taken the heap that it may.
 */
enum Measure {
    /** Resident memory: JVM, native libraries, the caches and write buffers of RocksDB. The heap may become as large as it may. */
    RESIDENT("resident memory", "MB", 512, 0),
    /** Resident memory without the heap: what a leak of native memory shows in. */
    NATIVE("memory beside the heap", "MB", 64, 256),
    /** Objects on the heap right after a full collection. */
    HEAP("heap after GC", "MB", 32, StoreOptions.DEFAULT_PACK_CACHE_BYTES / 1e6),
    /** Direct buffers of the JDK. */
    DIRECT("direct buffers", "MB", 16, 0),
    /** Direct memory of the network's buffer pool, which keeps what it once had. */
    NETTY("network buffers", "MB", 32, 0),
    /** Caches and write buffers of RocksDB, which fill up to a bound. */
    ROCKSDB("RocksDB memory", "MB", 64, 0),
    /** Open files and sockets. */
    FILES("open files", "", 32, 0),
    /** Platform threads. */
    THREADS("threads", "", 16, 0);

    /** How long a soak is, in seconds, of which a fifth warms a server. */
    static final int LONG_SECONDS = 900;

    /** Share by which anything may grow. */
    static final double SHARE = 0.1;

    private final String label;
    private final String unit;
    private final double tolerance;
    private final double filling;

    /**
     * Something to measure.
     *
     * @param tolerance by how much it may grow
     * @param filling by how much more it may grow in a short soak
     */
    Measure(String label, String unit, double tolerance, double filling) {
        this.label = label;
        this.unit = unit;
        this.tolerance = tolerance;
        this.filling = filling;
    }

    String label() {
        return label;
    }

    String unit() {
        return unit;
    }

    /** Returns how large it may be late in a soak of so many seconds if it was so large early. */
    double most(double early, int seconds) {
        return early + Math.max(tolerance, early * SHARE) + (seconds < LONG_SECONDS ? filling : 0);
    }
}
