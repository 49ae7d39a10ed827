package dev.narsil.gateway.kubo;

import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.Manifest;
import dev.narsil.blockstore.ipfs.car.CarBlock;
import dev.narsil.blockstore.ipfs.car.CarReader;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.ipfs.unixfs.UnixFsFile;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A Kubo on a real socket that knows a few commands, keeps blocks in memory, and behaves as odd as the real one where
 * it is odd; a test says what it answers to a command otherwise.
 */
public final class FakeKubo implements AutoCloseable {

    /** What Go reads as a duration, as far as it matters. */
    private static final String GO_DURATION = "(\\d+(\\.\\d+)?(ns|us|ms|s|m|h))+";

    static final String JSON = "application/json";

    /** Answers one command. */
    public interface Handler {
        void answer(FakeCall call, FakeWire wire) throws IOException;
    }

    private final ServerSocket listener;
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final Map<String, Handler> handlers = new ConcurrentHashMap<>();
    private final List<FakeCall> calls = new CopyOnWriteArrayList<>();
    private final Map<Cid, byte[]> blocks = new ConcurrentHashMap<>();
    private final Set<String> pins = ConcurrentHashMap.newKeySet();
    private final AtomicLong given = new AtomicLong();
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile @Nullable String authorization;

    public FakeKubo() throws IOException {
        this.listener = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
        on("version", (call, wire) -> wire.json("{\"Version\":\"0.43.0\",\"Commit\":\"\"}"));
        on("block/get", this::blockGet);
        on("block/stat", this::blockStat);
        on("dag/import", this::dagImport);
        on("pin/add", this::pinAdd);
        on("pin/ls", this::pinLs);
        on("pin/rm", this::pinRm);
        on("dag/stat", (call, wire) -> wire.json("{\"TotalSize\":" + dagSize(Cid.parse(call.arg())) + "}"));
        on("id", (call, wire) -> wire.json("{\"ID\":\"12D3KooWFake\",\"Addresses\":[],\"AgentVersion\":\"kubo\"}"));
        on("repo/stat", (call, wire) -> wire.json("{\"RepoSize\":" + size() + ",\"StorageMax\":10000000000}"));
        on("config", (call, wire) -> wire.failure("failed to get config value: \\\"" + call.arg() + " not found\\\""));
        Thread.startVirtualThread(this::accept);
    }

    /** Says what is answered to a command from now on. */
    public FakeKubo on(String command, Handler handler) {
        handlers.put(command, handler);
        return this;
    }

    /** Wants this header with every call. */
    public FakeKubo wanting(String header) {
        authorization = header;
        return this;
    }

    public ApiAddress address() {
        return ApiAddress.parse("/ip4/127.0.0.1/tcp/" + listener.getLocalPort());
    }

    /** A client with short limits. */
    public KuboClient client() {
        return client(null, limits(Duration.ofSeconds(30)));
    }

    KuboClient client(@Nullable ApiSecret secret, KuboLimits limits) {
        return KuboClient.open(new KuboOptions(address(), secret, limits));
    }

    /** Limits with this time for a call and for a block. */
    static KuboLimits limits(Duration call) {
        return new KuboLimits(Duration.ofSeconds(5), call, call, Duration.ofMillis(100), Duration.ofMillis(500), 3);
    }

    public List<FakeCall> calls() {
        return List.copyOf(calls);
    }

    /** Bytes of the blocks it has given out. */
    public long given() {
        return given.get();
    }

    int connectionsAccepted() {
        return accepted.get();
    }

    public Map<Cid, byte[]> blocks() {
        return blocks;
    }

    public byte[] block(Cid cid) {
        return Objects.requireNonNull(blocks.get(cid));
    }

    public Set<String> pins() {
        return pins;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                connections.add(socket);
                accepted.incrementAndGet();
                socket.setTcpNoDelay(true);
                Thread.startVirtualThread(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket;
                InputStream in = new BufferedInputStream(socket.getInputStream())) {
            for (FakeCall call = FakeCall.read(in); call != null; call = FakeCall.read(in)) {
                calls.add(call);
                FakeWire wire = new FakeWire(socket, in);
                answer(call, wire);
                if (wire.isClosing()) {
                    return;
                }
                call.body().readAllBytes();
            }
        } catch (IOException e) {
            connections.remove(socket);
        }
    }

    private void answer(FakeCall call, FakeWire wire) throws IOException {
        Handler handler = handlers.get(call.command());
        String timeout = call.option("timeout");
        String agent = call.header("user-agent");
        if (!call.method().equals("POST")) {
            wire.error(405, "text/plain", "405 - Method Not Allowed");
        } else if (call.header("origin") != null || (agent != null && agent.startsWith("Mozilla"))) {
            wire.error(403, "text/plain", "403 - Forbidden");
        } else if (authorization != null && !authorization.equals(call.header("authorization"))) {
            wire.error(403, "text/plain; charset=utf-8", "403 - Forbidden");
        } else if (handler == null) {
            wire.error(404, "text/plain; charset=utf-8", "404 page not found");
        } else if (timeout != null && !timeout.matches(GO_DURATION)) {
            wire.nothing();
        } else {
            handler.answer(call, wire);
        }
    }

    /** Gives a block, as it does to {@code block/get} unless a test says otherwise. */
    public void blockGet(FakeCall call, FakeWire wire) throws IOException {
        byte[] block = blocks.get(Cid.parse(call.arg()));
        if (block != null) {
            given.addAndGet(block.length);
            wire.begin("application/vnd.ipld.raw").chunk(block).end();
        } else {
            absent(call, wire);
        }
    }

    private void blockStat(FakeCall call, FakeWire wire) throws IOException {
        byte[] block = blocks.get(Cid.parse(call.arg()));
        if (block != null) {
            wire.json("{\"Key\":\"" + call.arg() + "\",\"Size\":" + block.length + "}");
        } else {
            absent(call, wire);
        }
    }

    private static void absent(FakeCall call, FakeWire wire) throws IOException {
        String reason = "true".equals(call.option("offline"))
                ? "block was not found locally (offline): ipld: could not find " + call.arg()
                : "context deadline exceeded";
        wire.failure(reason);
    }

    private long size() {
        return blocks.values().stream().mapToLong(block -> block.length).sum();
    }

    /** Tells whether it has all blocks of manifests and files below this one; what it cannot read has none. */
    public boolean holds(Cid cid) {
        byte[] block = cid.isIdentity() ? cid.digest() : blocks.get(cid);
        if (block == null) {
            return false;
        }
        try {
            return switch (cid.codec()) {
                case DAG_CBOR -> holds(Manifest.decode(block).nar());
                case DAG_PB -> UnixFsFile.decode(block).children().stream().allMatch(child -> holds(child.cid()));
                case RAW -> true;
            };
        } catch (FormatException e) {
            return true;
        }
    }

    /** Returns the bytes of the blocks of manifests and files below this one. */
    public long dagSize(Cid root) throws IOException {
        Map<Cid, byte[]> below = new HashMap<>();
        gather(root, below);
        return below.values().stream().mapToLong(block -> block.length).sum();
    }

    private void gather(Cid cid, Map<Cid, byte[]> below) throws IOException {
        byte[] block = cid.isIdentity() ? cid.digest() : block(cid);
        below.put(cid, block);
        switch (cid.codec()) {
            case DAG_CBOR -> gather(Manifest.decode(block).nar(), below);
            case DAG_PB -> {
                for (UnixFsFile.Child child : UnixFsFile.decode(block).children()) {
                    gather(child.cid(), below);
                }
            }
            case RAW -> {}
        }
    }

    /** Returns the bytes of a file. */
    public byte[] cat(Cid root) throws IOException {
        if (root.codec() == Codec.RAW) {
            return root.isIdentity() ? root.digest() : block(root);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (UnixFsFile.Child child : UnixFsFile.decode(block(root)).children()) {
            bytes.write(cat(child.cid()));
        }
        return bytes.toByteArray();
    }

    private void pinAdd(FakeCall call, FakeWire wire) throws IOException {
        if (holds(Cid.parse(call.arg()))) {
            pins.add(call.arg());
            wire.json("{\"Pins\":[\"" + call.arg() + "\"]}");
        } else {
            wire.begin(JSON).line("{\"Progress\":1}").hang();
        }
    }

    private void pinLs(FakeCall call, FakeWire wire) throws IOException {
        String root = call.option("arg");
        if (root == null) {
            wire.begin(JSON);
            for (String pin : pins) {
                wire.line("{\"Cid\":\"" + pin + "\",\"Type\":\"recursive\"}");
            }
            wire.end();
        } else if (pins.contains(root)) {
            wire.json("{\"Keys\":{\"" + root + "\":{\"Type\":\"recursive\"}}}");
        } else {
            wire.failure("path '" + root + "' is not pinned");
        }
    }

    /** Tells no pin of a root below which it lacks a block. */
    public void dagImport(FakeCall call, FakeWire wire) throws IOException {
        long count = 0;
        long bytes = 0;
        List<Cid> roots;
        try {
            CarReader car = new CarReader(new BufferedInputStream(new ByteArrayInputStream(call.file())));
            roots = car.roots();
            for (CarBlock block = car.next(); block != null; block = car.next()) {
                blocks.put(block.cid(), block.bytes());
                count++;
                bytes += block.bytes().length;
            }
        } catch (IOException e) {
            wire.failure("import failed: unexpected EOF");
            return;
        }
        wire.begin(JSON);
        for (Cid root : "true".equals(call.option("pin-roots")) ? roots : List.<Cid>of()) {
            boolean there = holds(root);
            if (there) {
                pins.add(root.toString());
            }
            wire.line("{\"Root\":{\"Cid\":{\"/\":\"" + root + "\"},\"PinErrorMsg\":\""
                    + (there ? "" : "context deadline exceeded") + "\"}}");
        }
        wire.line("{\"Stats\":{\"BlockCount\":" + count + ",\"BlockBytesCount\":" + bytes + "}}");
        wire.end();
    }

    private void pinRm(FakeCall call, FakeWire wire) throws IOException {
        if (pins.remove(call.arg())) {
            wire.json("{\"Pins\":[\"" + call.arg() + "\"]}");
        } else {
            wire.failure("not pinned or pinned indirectly");
        }
    }

    static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket socket : connections) {
            socket.close();
        }
    }
}
