package dev.narsil.gateway.replicas;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.pinning.Pin;
import dev.narsil.gateway.pinning.PinResults;
import dev.narsil.gateway.pinning.PinState;
import dev.narsil.gateway.pinning.PinStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A pinning service that says what a test wants of all that it is asked for. */
public final class FakePinService implements AutoCloseable {

    private static final Instant BEGIN = Instant.parse("2026-11-21T12:00:00Z");

    private final ScriptedDonor server = new ScriptedDonor(this::answer);
    private final Map<String, PinStatus> pins = new ConcurrentHashMap<>();
    private final AtomicInteger made = new AtomicInteger();
    private volatile PinState state = PinState.PINNED;
    private volatile List<String> delegates = List.of();

    public FakePinService() throws IOException {}

    /** Says this of all it is asked for from now on, and of all it was. */
    public void say(PinState newState) {
        state = newState;
        pins.replaceAll((id, pin) -> status(id, pin.created(), pin.pin()));
    }

    void delegates(List<String> addresses) {
        delegates = addresses;
    }

    public ScriptedDonor server() {
        return server;
    }

    public List<Cid> cids() {
        return pins.values().stream().map(status -> status.pin().cid()).toList();
    }

    /** Forgets everything. */
    void clear() {
        pins.clear();
    }

    /** Has a request from before. */
    void add(Pin pin) {
        String id = "id-" + made.incrementAndGet();
        pins.put(id, status(id, BEGIN.plusMillis(made.get()), pin));
    }

    private PinStatus status(String id, Instant created, Pin pin) {
        return new PinStatus(id, state, created, pin, delegates, Map.of());
    }

    private void answer(ScriptedDonor.Call call) throws IOException {
        String target = call.target();
        if (call.method().equals("POST")) {
            String id = "id-" + made.incrementAndGet();
            Pin pin = Pin.parse(call.body().getBytes(StandardCharsets.UTF_8));
            PinStatus status = status(id, BEGIN.plusMillis(made.get()), pin);
            pins.put(id, status);
            call.reply(202, status.toJson().encode());
        } else if (call.method().equals("DELETE")) {
            boolean known = pins.remove(target.substring(target.lastIndexOf('/') + 1)) != null;
            call.reply(known ? 202 : 404, "");
        } else {
            call.reply(200, page(call.query()).toJson().encode());
        }
    }

    private PinResults page(String query) {
        Instant before = Instant.MAX;
        int limit = 10;
        for (String parameter : query.split("&", -1)) {
            if (parameter.startsWith("before=")) {
                before = Instant.parse(parameter.substring("before=".length()));
            } else if (parameter.startsWith("limit=")) {
                limit = Integer.parseInt(parameter.substring("limit=".length()));
            }
        }
        List<PinStatus> older = new ArrayList<>();
        for (PinStatus status : pins.values()) {
            if (status.created().isBefore(before)) {
                older.add(status);
            }
        }
        older.sort(Comparator.comparing(PinStatus::created).reversed());
        return new PinResults(older.size(), older.subList(0, Math.min(limit, older.size())));
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
