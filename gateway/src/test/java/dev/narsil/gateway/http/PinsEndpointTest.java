package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.access.Access;
import dev.narsil.gateway.access.AccessPolicy;
import dev.narsil.gateway.access.Permission;
import dev.narsil.gateway.access.Tokens;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.pinning.Pin;
import dev.narsil.gateway.pinning.PinService;
import dev.narsil.gateway.pinning.PinServiceOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Pinning Service API over sockets. */
@Timeout(120)
class PinsEndpointTest {

    private static final String PINS = "/api/v1/pins";

    @TempDir
    private Path directory;

    private NarStore store;
    private Tokens tokens;
    private FakeKubo fake;
    private KuboClient kubo;
    private PinService pins;
    private CacheServer server;
    private String token;

    @BeforeEach
    void start() throws IOException {
        store = new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
        tokens = Tokens.load(store);
        fake = new FakeKubo();
        kubo = fake.client();
        pins = PinService.start(store, kubo, tokens, PinServiceOptions.of(1000), InstantSource.system());
        server = CacheServer.start(
                Services.of(store)
                        .withAccess(new Access(tokens, AccessPolicy.DEFAULT, InstantSource.system()))
                        .withPins(pins),
                ServedStore.OPTIONS);
        token = token("friend", Permission.PIN);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        pins.close();
        kubo.close();
        fake.close();
        store.close();
    }

    private String token(String name, Permission... permissions) throws IOException {
        return "Authorization: Bearer "
                + tokens.create(name, Set.of(permissions), null, Instant.now()).secretText();
    }

    private RawResponse send(String method, String path, String body, String... headers) throws IOException {
        try (RawClient client = new RawClient(server.address())) {
            String[] all = java.util.Arrays.copyOf(headers, headers.length + 1);
            all[headers.length] = "Content-Length: " + body.length();
            client.request(method, path, all);
            client.send(body);
            return client.receive(false);
        }
    }

    private RawResponse post(String path, Cid cid) throws IOException {
        return send("POST", path, new Pin(cid, "a name", List.of()).toJson().encode(), token);
    }

    private RawResponse get(String path) throws IOException {
        return send("GET", path, "", token);
    }

    private Cid block(int content, int length) {
        byte[] bytes = new byte[length];
        bytes[0] = (byte) content;
        Cid cid = Cid.hash(Codec.RAW, bytes);
        fake.blocks().put(cid, bytes);
        return cid;
    }

    private JsonObject await(String id, String state) throws IOException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        JsonObject status = new JsonObject(get(PINS + "/" + id).text());
        while (!state.equals(status.getString("status"))) {
            assertThat(System.nanoTime()).as("in time: " + status).isLessThan(deadline);
            LockSupport.parkNanos(10_000_000);
            status = new JsonObject(get(PINS + "/" + id).text());
        }
        return status;
    }

    private static void failed(RawResponse response, int status, String reason) {
        assertThat(response.status()).as(response.text()).isEqualTo(status);
        assertThat(response.header("content-type")).isEqualTo("application/json");
        JsonObject error = new JsonObject(response.text()).getJsonObject("error");
        assertThat(error.getString("reason")).isEqualTo(reason);
        assertThat(error.getString("details")).isNotEmpty();
    }

    @Test
    void request_fromAddToRemoval_isAnsweredAsTheApiSays() throws IOException {
        Cid cid = block(1, 400);
        RawResponse added = post(PINS, cid);
        assertThat(added.status()).isEqualTo(202);
        assertThat(added.header("cache-control")).isEqualTo("no-store");
        JsonObject status = new JsonObject(added.text());
        assertThat(status.fieldNames()).contains("requestid", "status", "created", "pin", "delegates");
        assertThat(status.getJsonObject("pin").getString("cid")).isEqualTo(cid.toString());
        String id = status.getString("requestid");
        assertThat(await(id, "pinned").getJsonObject("info").getString("dag_size"))
                .isEqualTo("400");

        JsonObject list = new JsonObject(get(PINS + "?cid=" + cid + "&limit=1").text());
        assertThat(list.getInteger("count")).isEqualTo(1);
        assertThat(list.getJsonArray("results").getJsonObject(0).getString("requestid"))
                .isEqualTo(id);

        RawResponse replaced = post(PINS + "/" + id, block(2, 300));
        assertThat(replaced.status()).isEqualTo(202);
        String next = new JsonObject(replaced.text()).getString("requestid");
        assertThat(next).isNotEqualTo(id);
        failed(get(PINS + "/" + id), 404, "NOT_FOUND");
        var _ = await(next, "pinned");

        assertThat(send("DELETE", PINS + "/" + next, "", token).status()).isEqualTo(202);
        failed(send("DELETE", PINS + "/" + next, "", token), 404, "NOT_FOUND");
        failed(post(PINS + "/" + next, cid), 404, "NOT_FOUND");
    }

    @Test
    void list_pagesByTheTimeOfTheOldest_showEachOnce() throws IOException {
        for (int i = 0; i < 7; i++) {
            assertThat(post(PINS, block(i, 10)).status()).isEqualTo(202);
        }
        String every = PINS + "?status=queued,pinning,pinned,failed&limit=3";
        Set<String> seen = new java.util.LinkedHashSet<>();
        String before = "";
        for (int page = 0; page < 3; page++) {
            JsonObject list = new JsonObject(get(every + before).text());
            assertThat(list.getInteger("count")).isEqualTo(7 - 3 * page);
            for (Object result : list.getJsonArray("results")) {
                JsonObject status = (JsonObject) result;
                assertThat(seen.add(status.getString("requestid"))).isTrue();
                before = "&before=" + status.getString("created");
            }
        }
        assertThat(seen).hasSize(7);
    }

    @Test
    void request_withoutTheRight_isRefusedWithAnErrorObject() throws IOException {
        Cid cid = block(1, 1);
        String body = new Pin(cid, "", List.of()).toJson().encode();
        assertThat(send("GET", PINS, "").header("www-authenticate")).startsWith("Bearer");
        String reader = token("reader", Permission.READ, Permission.WRITE, Permission.ADMIN);
        for (String method : List.of("GET", "POST", "DELETE")) {
            String path = method.equals("DELETE") ? PINS + "/" + "0".repeat(32) : PINS;
            failed(send(method, path, method.equals("POST") ? body : ""), 401, "UNAUTHORIZED");
            failed(send(method, path, "", "Authorization: Bearer wrong"), 401, "UNAUTHORIZED");
            failed(send(method, path, "", reader), 403, "FORBIDDEN");
        }
        assertThat(send("GET", "/nix-cache-info", "", token).status()).isEqualTo(200);
        assertThat(send("PUT", "/nix-cache-info", "x", token).status()).isNotEqualTo(200);
        assertThat(fake.pins()).isEmpty();
    }

    @Test
    void request_ofAnotherToken_isNotShown() throws IOException {
        String id = new JsonObject(post(PINS, block(1, 1)).text()).getString("requestid");
        String other = token("other", Permission.PIN);
        failed(send("GET", PINS + "/" + id, "", other), 404, "NOT_FOUND");
        failed(send("DELETE", PINS + "/" + id, "", other), 404, "NOT_FOUND");
        assertThat(new JsonObject(send("GET", PINS + "?status=queued,pinning,pinned", "", other)
                                .text())
                        .getInteger("count"))
                .isZero();
    }

    @Test
    void request_quotaUsedUp_isOutOfFunds() throws IOException {
        String id = new JsonObject(post(PINS, block(1, 1000)).text()).getString("requestid");
        var _ = await(id, "pinned");
        failed(post(PINS, block(2, 1)), 409, "INSUFFICIENT_FUNDS");
    }

    @Test
    void request_malformed_isRefused() throws IOException {
        failed(send("POST", PINS, "{\"cid\":\"x\"}", token), 400, "BAD_REQUEST");
        failed(send("POST", PINS, "", token), 400, "BAD_REQUEST");
        failed(send("POST", PINS, " ".repeat(Pin.MAX_BYTES + 1), token), 413, "BAD_REQUEST");
        failed(get(PINS + "?limit=0"), 400, "BAD_REQUEST");
        failed(get(PINS + "/x"), 404, "NOT_FOUND");
        failed(send("PUT", PINS, "", token), 405, "METHOD_NOT_ALLOWED");
        failed(send("DELETE", PINS, "", token), 405, "METHOD_NOT_ALLOWED");
        assertThat(get(PINS + "x").status()).isEqualTo(404);
    }

    @Test
    void service_notSwitchedOn_isNotThere() throws IOException {
        try (ServedStore served = new ServedStore(directory.resolve("other"));
                RawClient client = served.client()) {
            assertThat(client.exchange("GET", PINS, token).status()).isEqualTo(404);
            assertThat(client.exchange("DELETE", PINS, token).status()).isEqualTo(405);
        }
    }
}
