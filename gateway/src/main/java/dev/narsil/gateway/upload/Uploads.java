package dev.narsil.gateway.upload;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.RenewedNar;
import dev.narsil.gateway.alias.Alias;
import dev.narsil.gateway.alias.Aliases;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;

/** What clients may put into a store: NARs, narinfos and small files. Safe for use by many threads. */
public final class Uploads {

    private final NarStore store;
    private final UploadOptions options;
    private final NarSupply supply;
    private final Objects objects;
    private final Aliases aliases;
    private final PathPublisher publisher;
    private final UploadDisk disk;
    private final UploadMemory narMemory;
    private final UploadMemory smallMemory;
    private final Semaphore nars;
    private final UploadCounters counters = new UploadCounters();

    /**
     * Uploads into {@code store}, which must stay open until this is closed.
     *
     * @param spoolDirectory on the disk of the store, for files of bodies that wait; it need not exist
     * @param usableBytes tells how much fits on that disk
     * @param supply brings the NARs of narinfos that need not be uploaded, as this cache says that it has them
     */
    public Uploads(
            NarStore store, UploadOptions options, Path spoolDirectory, LongSupplier usableBytes, NarSupply supply) {
        this.store = store;
        this.options = options;
        this.supply = supply;
        objects = new Objects(store);
        aliases = new Aliases(store, InstantSource.system());
        publisher = new PathPublisher(store, options);
        disk = new UploadDisk(spoolDirectory, usableBytes, options.spareBytes());
        narMemory = new UploadMemory(options.memoryMib(), disk);
        smallMemory = new UploadMemory(SmallBody.MEMORY_MIB, disk);
        nars = new Semaphore(options.maxNars());
    }

    /** Returns the upload of {@code nar/<fileHash>.nar<suffix>}. */
    public Upload nar(Sha256 fileHash, String suffix) {
        return answered(new NarUpload(this, fileHash, suffix));
    }

    /** Returns the upload of {@code <digest>.narinfo}, with the values of {@code Content-Encoding}. */
    public Upload narInfo(Digest digest, List<String> contentEncoding) {
        return answered(new NarInfoUpload(this, digest, contentEncoding));
    }

    /** Returns the upload of a small file, with the values of {@code Content-Encoding}. */
    public Upload object(ObjectName name, List<String> contentEncoding) {
        return answered(new ObjectUpload(this, name, contentEncoding));
    }

    /** Returns the upload of {@code nix-cache-info}. */
    public Upload cacheInfo() {
        return answered(new CacheInfoUpload(store.storeDir()));
    }

    private Upload answered(Step step) {
        return new AnsweredUpload(step, counters);
    }

    /** The small files. */
    public Objects objects() {
        return objects;
    }

    /** What is taken, and how much. */
    public UploadOptions options() {
        return options;
    }

    /** What was done so far. */
    public UploadCounters counters() {
        return counters;
    }

    /** NARs being uploaded. */
    public int narsInFlight() {
        return options.maxNars() - nars.availablePermits();
    }

    /** NARs that wait for memory, or arrive on the disk meanwhile. */
    public int narsWaiting() {
        return narMemory.waiting();
    }

    /** Records of uploaded files that were met and cannot be read. */
    public long unreadableAliases() {
        return aliases.unreadable();
    }

    NarStore store() {
        return store;
    }

    PathPublisher publisher() {
        return publisher;
    }

    UploadMemory narMemory() {
        return narMemory;
    }

    UploadMemory smallMemory() {
        return smallMemory;
    }

    boolean admitNar() {
        return nars.tryAcquire();
    }

    void narEnded() {
        nars.release();
    }

    /**
     * Sets room for a body aside on the disk.
     *
     * @param length its length, or {@link Upload#UNKNOWN_LENGTH}
     * @throws RefusedException if it may not fit
     */
    UploadDisk.Room reserve(long length) throws RefusedException {
        return disk.reserve(Math.max(0, length))
                .orElseThrow(() -> new RefusedException(Verdict.busy("the disk of this cache is full")));
    }

    NarSupply supply() {
        return supply;
    }

    /**
     * Returns what is known of the file of a NAR that is stored for good, and makes that stay so for as long as after its
     * upload.
     */
    Optional<UploadedNar> find(Sha256 fileHash) throws IOException {
        Optional<RenewedNar> plain = store.renew(fileHash, Instant.now(), List.of());
        if (plain.isPresent()) {
            Durable.await(store, plain.get().durable());
            long size = plain.get().narSize();
            return Optional.of(new UploadedNar(fileHash, size, Compression.NONE, size));
        }
        Optional<Aliases.Renewed> renewed = aliases.renew(fileHash);
        if (renewed.isEmpty()) {
            return Optional.empty();
        }
        Durable.await(store, renewed.get().durable());
        Alias alias = renewed.get().alias();
        return Optional.of(
                new UploadedNar(alias.narHash(), alias.narSize(), alias.compression(), alias.uploadedLength()));
    }
}
