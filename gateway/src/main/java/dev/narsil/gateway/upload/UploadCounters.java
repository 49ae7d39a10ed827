package dev.narsil.gateway.upload;

import java.util.concurrent.atomic.LongAdder;

/** What uploads did so far. */
public final class UploadCounters {

    /** NARs that were stored. */
    public final LongAdder narsStored = new LongAdder();

    /** NARs whose body was not wanted, because they were here. */
    public final LongAdder narsHere = new LongAdder();

    /** Narinfos that were taken. */
    public final LongAdder pathsStored = new LongAdder();

    /** Small files that were stored. */
    public final LongAdder objectsStored = new LongAdder();

    /** Uploads that were refused, for whatever reason. */
    public final LongAdder refused = new LongAdder();

    /** Uploads whose client vanished or stalled. */
    public final LongAdder lost = new LongAdder();

    /** Bytes of bodies that arrived. */
    public final LongAdder bytesReceived = new LongAdder();

    UploadCounters() {}
}
