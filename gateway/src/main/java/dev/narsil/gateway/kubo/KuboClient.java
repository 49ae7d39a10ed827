package dev.narsil.gateway.kubo;

import dev.narsil.blockstore.ipfs.cid.Cid;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A Kubo daemon, as {@link dev.narsil.gateway.kubo} describes it. Safe for use by many threads.
 *
 * <p>All methods block, throw {@link KuboException}, and throw {@link java.io.InterruptedIOException} if the thread is
 * interrupted, which gives up the call.
 */
public final class KuboClient implements AutoCloseable {

    private static final String VALUE = "Value";

    /** Blocks asked for before the answers are looked at. */
    private static final int STAT_BATCH = 256;

    private final Rpc rpc;
    private final @Nullable Vertx ownVertx;
    private final BlockGet blocks;
    private final KuboNetwork network;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("kubo-block").factory());

    private KuboClient(KuboOptions options, Vertx vertx, boolean ownsVertx) {
        this.rpc = new Rpc(options, vertx);
        this.ownVertx = ownsVertx ? vertx : null;
        this.blocks = new BlockGet(rpc);
        this.network = new KuboNetwork(rpc);
    }

    /** Makes a client with an event loop of its own. Nothing is connected yet. */
    public static KuboClient open(KuboOptions options) {
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setPreferNativeTransport(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        return new KuboClient(options, vertx, true);
    }

    /** Makes a client on event loops of others, which are to be closed after it. */
    public static KuboClient on(Vertx vertx, KuboOptions options) {
        return new KuboClient(options, vertx, false);
    }

    /**
     * Returns the version of the daemon, as {@code 0.43.0}: the cheapest way to see that it runs and takes the secret.
     */
    public String version() throws IOException {
        return rpc.object(command("version")).text("Version");
    }

    /** Returns who the daemon is. */
    public KuboIdentity identity() throws IOException {
        JsonFields id = rpc.object(command("id"));
        return new KuboIdentity(
                id.text("ID"),
                id.texts("Addresses"),
                id.optionalText("AgentVersion").orElse(""));
    }

    /** Returns how much the daemon stores. */
    public KuboRepository repository() throws IOException {
        JsonFields stat = rpc.object(command("repo/stat").option("size-only", true));
        return new KuboRepository(stat.count("RepoSize"), stat.count("StorageMax"));
    }

    /**
     * Streams a CAR into the daemon and checks that it took every block.
     *
     * @param roots what the CAR says is in it, at least one
     * @param pin whether to pin the roots, of which all blocks must be in the CAR or stored there; no collection of
     *     garbage comes between. Else what is sent may be collected until it is pinned
     * @param time for all, sending included
     * @param producer runs on this thread
     */
    public ImportedCar importCar(List<Cid> roots, boolean pin, Duration time, CarProducer producer) throws IOException {
        return new CarImport(rpc).run(roots, pin, time, producer);
    }

    /**
     * Pins a root and what is below it, which fetches what the daemon lacks. What stops is cancelled and repeated.
     *
     * @param name at most {@link KuboPin#MAX_NAME_BYTES} bytes; may be empty
     * @param time for all attempts together
     * @param progress hears of the number of blocks that are there
     */
    public void pin(Cid root, String name, Duration time, LongConsumer progress) throws IOException {
        pin(root, name, Long.MAX_VALUE, time, progress);
    }

    /**
     * As {@link #pin(Cid, String, Duration, LongConsumer)}, given up when the blocks are seen to be too large; then
     * nothing is pinned, and what has come is garbage.
     *
     * @param maxBytes most bytes of blocks; somewhat more may come before that is seen
     * @throws DagTooLargeException if they are more
     */
    public void pin(Cid root, String name, long maxBytes, Duration time, LongConsumer progress) throws IOException {
        if (name.getBytes(StandardCharsets.UTF_8).length > KuboPin.MAX_NAME_BYTES) {
            throw new IllegalArgumentException("the name of a pin has at most " + KuboPin.MAX_NAME_BYTES + " bytes");
        }
        new PinAdd(rpc, root, name, maxBytes, time, progress).run();
    }

    /**
     * Returns the bytes of the blocks at and below a root, each block once. What the daemon lacks it fetches.
     *
     * @param time for all
     */
    public long dagSize(Cid root, Duration time) throws IOException {
        return rpc.object(Command.of("dag/stat", time).arg(root).option("progress", false))
                .count("TotalSize");
    }

    /** Removes a recursive pin; returns false if there was none. */
    public boolean unpin(Cid root) throws IOException {
        return unlessAbsent(command("pin/rm").arg(root)).isPresent();
    }

    /** Moves a pin from one root to another that shares blocks with it, of which it fetches what it lacks. */
    public void updatePin(Cid from, Cid to, Duration time) throws IOException {
        try {
            var _ = rpc.object(Command.of("pin/update", time).arg(from).arg(to).option("unpin", true));
        } catch (KuboException e) {
            // Kubo then leaves the old pin
            if (e.kind() != KuboException.Kind.FAILED || !e.says("already recursively pinned")) {
                throw e;
            }
            var _ = unpin(from);
        }
    }

    /** Tells whether a root is pinned recursively. */
    public boolean isPinned(Cid root) throws IOException {
        return unlessAbsent(command("pin/ls").arg(root).option("type", "recursive"))
                .isPresent();
    }

    /**
     * Tells of all recursive pins, one by one.
     *
     * @param time for all
     */
    public void pins(Duration time, Consumer<KuboPin> each) throws IOException {
        Command command = Command.of("pin/ls", time)
                .option("type", "recursive")
                .option("stream", true)
                .option("names", true);
        try (Exchange exchange = rpc.call(command)) {
            JsonLines lines = exchange.answer().lines();
            for (JsonFields pin = lines.next(); pin != null; pin = lines.next()) {
                each.accept(
                        new KuboPin(pin.text("Cid"), pin.optionalText("Name").orElse("")));
            }
        }
    }

    /**
     * Gets a block.
     *
     * @param offline whether not to ask the network for it
     * @param time from when fewer than 64 others are on the way
     * @throws KuboException of {@link KuboException.Kind#ABSENT} if it is offline and not stored
     */
    public byte[] block(Cid cid, boolean offline, Duration time) throws IOException {
        return blocks.get(cid, offline, time);
    }

    /** As {@link #block(Cid, boolean, Duration)}, within the limit. */
    public byte[] block(Cid cid, boolean offline) throws IOException {
        return block(cid, offline, rpc.limits().block());
    }

    /**
     * Begins to get blocks, each as {@link #block(Cid, boolean, Duration)} does.
     *
     * @param cids asked for the next when there is room
     * @param width most blocks on the way, at most {@link BlockWindow#MAX_WIDTH}
     * @param time for each
     */
    public BlockWindow window(Iterator<Cid> cids, int width, boolean offline, Duration time) {
        return new BlockWindow(cids, width, cid -> block(cid, offline, time), threads);
    }

    /** As {@link #window(Iterator, int, boolean, Duration)}, within the limit. */
    public BlockWindow window(Iterator<Cid> cids, int width, boolean offline) {
        return window(cids, width, offline, rpc.limits().block());
    }

    /** Returns the length of a stored block in bytes; empty if it is not stored. Never asks the network. */
    public OptionalLong size(Cid cid) throws IOException {
        long size = blocks.size(cid, rpc.limits().call());
        return size < 0 ? OptionalLong.empty() : OptionalLong.of(size);
    }

    /**
     * Returns those of the blocks that are stored. Never asks the network.
     *
     * @throws KuboException of {@link KuboException.Kind#UNREACHABLE} also if this is being closed
     */
    public Set<Cid> stored(List<Cid> cids) throws IOException {
        Set<Cid> stored = new HashSet<>();
        for (int from = 0; from < cids.size(); from += STAT_BATCH) {
            List<Cid> batch = cids.subList(from, Math.min(from + STAT_BATCH, cids.size()));
            List<Callable<Boolean>> questions = new ArrayList<>();
            batch.forEach(cid -> questions.add(() -> size(cid).isPresent()));
            List<Boolean> answers = answers(questions);
            for (int i = 0; i < answers.size(); i++) {
                if (answers.get(i)) {
                    stored.add(batch.get(i));
                }
            }
        }
        return stored;
    }

    private <T> List<T> answers(List<Callable<T>> questions) throws IOException {
        List<T> answers = new ArrayList<>();
        try {
            for (var answer : threads.invokeAll(questions)) {
                answers.add(answer.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (RejectedExecutionException e) {
            throw new KuboException(KuboException.Kind.UNREACHABLE, "block/stat: closing", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InterruptedIOException failure) {
                throw new KuboException(KuboException.Kind.UNREACHABLE, "block/stat: closing", failure);
            }
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new IllegalStateException(e);
        }
        return answers;
    }

    /** Returns an entry of the configuration that is a text, as {@code Provide.Strategy}; empty if it is not set. */
    public Optional<String> config(String key) throws IOException {
        Optional<JsonFields> entry = entry(key);
        return entry.isEmpty() ? Optional.empty() : entry.get().optionalText(VALUE);
    }

    /** Returns an entry of the configuration that is true or false, as {@code Provide.Enabled}; empty if not set. */
    public Optional<Boolean> configFlag(String key) throws IOException {
        Optional<JsonFields> entry = entry(key);
        return entry.isEmpty() ? Optional.empty() : entry.get().optionalFlag(VALUE);
    }

    /** Returns an entry of the configuration that is a number of no sign; empty if it is not set. */
    public OptionalLong configNumber(String key) throws IOException {
        Optional<JsonFields> entry = entry(key);
        return entry.isEmpty() ? OptionalLong.empty() : entry.get().optionalCount(VALUE);
    }

    private Optional<JsonFields> entry(String key) throws IOException {
        try {
            return Optional.of(rpc.object(command("config").arg(key)));
        } catch (KuboException e) {
            if (e.kind() == KuboException.Kind.FAILED && e.says("not found")) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Sets an entry of the configuration to a text; most take effect when the daemon is started anew. */
    public void setConfig(String key, String value) throws IOException {
        var _ = rpc.object(command("config").arg(key).arg(value));
    }

    /** Other nodes, and names for what changes. */
    public KuboNetwork network() {
        return network;
    }

    private Command command(String name) {
        return Command.of(name, rpc.limits().call());
    }

    private Optional<JsonFields> unlessAbsent(Command command) throws IOException {
        try {
            return Optional.of(rpc.object(command));
        } catch (KuboException e) {
            if (e.kind() == KuboException.Kind.ABSENT) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Gives up all calls. */
    @Override
    public void close() {
        threads.shutdownNow();
        Future<?> closed = rpc.close();
        if (ownVertx != null) {
            closed.eventually(ownVertx::close);
        }
    }
}
