package dev.narsil.benchmarks.soak;

/** What is measured of a server while it runs, and by how much it may grow between an early and a late part of a soak. */
enum Measure {
    /** Resident memory: JVM, native libraries, the caches and write buffers of RocksDB. */
    RESIDENT("resident memory", "MB", 64),
    /** Objects on the heap right after a full collection. */
    HEAP("heap after GC", "MB", 32),
    /** Direct buffers of the JDK. */
    DIRECT("direct buffers", "MB", 16),
    /** Direct memory of the network's buffer pool, which keeps what it once had. */
    NETTY("network buffers", "MB", 32),
    /** Caches and write buffers of RocksDB, which fill up to a bound. */
    ROCKSDB("RocksDB memory", "MB", 64),
    /** Open files and sockets. */
    FILES("open files", "", 32),
    /** Platform threads. */
    THREADS("threads", "", 16);

    /** Share by which anything may grow. */
    static final double SHARE = 0.1;

    private final String label;
    private final String unit;
    private final double tolerance;

    Measure(String label, String unit, double tolerance) {
        this.label = label;
        this.unit = unit;
        this.tolerance = tolerance;
    }

    String label() {
        return label;
    }

    String unit() {
        return unit;
    }

    /** Returns how large it may be late if it was so large early. */
    double most(double early) {
        return early + Math.max(tolerance, early * SHARE);
    }
}
