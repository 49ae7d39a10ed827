package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.access.Access;
import dev.narsil.gateway.access.AccessPolicy;
import dev.narsil.gateway.access.Permission;
import dev.narsil.gateway.access.Tokens;
import dev.narsil.gateway.upload.NarSupply;
import dev.narsil.gateway.upload.UploadOptions;
import dev.narsil.gateway.upload.Uploads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tokens and policies over HTTP, on a listener that only this machine reaches and on one that others may. */
@Timeout(120)
class AccessControlTest {

    private static final String INFO = "StoreDir: /nix/store\n";

    @TempDir
    private Path directory;

    private NarStore store;
    private Tokens tokens;
    private Uploads uploads;

    @BeforeEach
    void open() throws IOException {
        store = new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
        tokens = Tokens.load(store);
        uploads = new Uploads(store, UploadOptions.DEFAULT, directory, () -> Long.MAX_VALUE, NarSupply.NONE);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    /** A server whose first address is of loopback and whose second is of all interfaces. */
    private CacheServer serve(AccessPolicy policy) throws IOException {
        return serve(policy, false);
    }

    private CacheServer serve(AccessPolicy policy, boolean proxyProtocol) throws IOException {
        Services services =
                Services.of(store).withUploads(uploads).withAccess(new Access(tokens, policy, InstantSource.system()));
        return CacheServer.start(
                services,
                ServedStore.OPTIONS.withListen(ServerOptions.Listen.DEFAULT
                        .withProxyProtocol(proxyProtocol)
                        .withAddresses(List.of(
                                InetSocketAddress.createUnresolved("127.0.0.1", 0),
                                InetSocketAddress.createUnresolved("0.0.0.0", 0)))));
    }

    private static RawResponse send(CacheServer server, boolean loopback, String method, String path, String... headers)
            throws IOException {
        int port = ((InetSocketAddress) server.addresses().get(loopback ? 0 : 1)).getPort();
        try (RawClient client = new RawClient(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            if (!method.equals("PUT")) {
                return client.exchange(method, path, headers);
            }
            String[] all = java.util.Arrays.copyOf(headers, headers.length + 1);
            all[headers.length] = "Content-Length: " + INFO.length();
            client.request(method, path, all);
            client.send(INFO);
            return client.receive(false);
        }
    }

    private static int status(CacheServer server, boolean loopback, String method, String path, String... headers)
            throws IOException {
        return send(server, loopback, method, path, headers).status();
    }

    private String token(String name, Permission... permissions) throws IOException {
        return tokens.create(name, Set.of(permissions), null, Instant.now()).secretText();
    }

    private static String basic(String token) {
        return "Authorization: Basic "
                + Base64.getEncoder().encodeToString(("nix:" + token).getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void anonymous_defaultPolicy_readsOnLoopbackOnly() throws IOException {
        try (CacheServer server = serve(AccessPolicy.DEFAULT)) {
            for (String path : List.of("/nix-cache-info", "/", "/metrics")) {
                assertThat(status(server, true, "GET", path)).as(path).isEqualTo(200);
                RawResponse refused = send(server, false, "GET", path);
                assertThat(refused.status()).as(path).isEqualTo(401);
                assertThat(refused.header("WWW-Authenticate")).isEqualTo("Basic realm=\"narsil\"");
            }
            assertThat(status(server, false, "GET", "/" + "0".repeat(32) + ".narinfo"))
                    .isEqualTo(401);
            assertThat(status(server, true, "GET", "/" + "0".repeat(32) + ".narinfo"))
                    .isEqualTo(404);
            assertThat(status(server, false, "HEAD", "/nix-cache-info")).isEqualTo(401);
            for (String path : List.of("/healthz", "/readyz")) {
                assertThat(status(server, false, "GET", path)).as(path).isEqualTo(200);
            }
            assertThat(status(server, true, "PUT", "/nix-cache-info")).isEqualTo(401);
            assertThat(status(server, false, "PUT", "/nix-cache-info")).isEqualTo(401);
        }
    }

    @Test
    void anonymous_openPolicy_readsEverywhereAndWritesOnLoopbackOnly() throws IOException {
        try (CacheServer server = serve(new AccessPolicy(true, true))) {
            assertThat(status(server, false, "GET", "/nix-cache-info")).isEqualTo(200);
            assertThat(status(server, true, "PUT", "/nix-cache-info")).isEqualTo(200);
            assertThat(status(server, false, "PUT", "/nix-cache-info")).isEqualTo(401);
        }
    }

    @Test
    void anonymous_behindAProxyOnLoopback_isAsElsewhere() throws IOException {
        try (CacheServer server = serve(new AccessPolicy(false, true), true)) {
            for (String method : List.of("GET", "PUT")) {
                try (RawClient client = new RawClient(server.address())) {
                    client.send("PROXY TCP4 192.0.2.1 192.0.2.2 4711 443\r\n");
                    assertThat(client.exchange(method, "/nix-cache-info").status())
                            .as(method)
                            .isEqualTo(401);
                }
            }
        }
    }

    @Test
    void read_thatNeedsAToken_isKeptByNoSharedCache() throws IOException {
        String reader = basic(token("reader", Permission.READ));
        byte[] nar = ServedStore.nar(1);
        PathInfo info = ServedStore.add(store, 1, nar);
        List<String> paths = List.of(
                "/",
                "/nix-cache-info",
                "/metrics",
                ServedStore.narInfoPath(info),
                ServedStore.narPath(info),
                "/" + info.path().digest() + ".ls",
                "/log/nothing",
                "/" + "0".repeat(32) + ".narinfo");
        try (CacheServer server = serve(AccessPolicy.DEFAULT)) {
            for (String path : paths) {
                assertThat(send(server, false, "GET", path, reader).header("Cache-Control"))
                        .as(path)
                        .startsWith("private")
                        .doesNotContain("public");
            }
            assertThat(send(server, true, "GET", ServedStore.narPath(info)).header("Cache-Control"))
                    .isEqualTo("public, max-age=31536000, immutable");
            assertThat(send(server, false, "GET", ServedStore.narPath(info), reader)
                            .header("Cache-Control"))
                    .isEqualTo("private, max-age=31536000, immutable");
        }
        try (CacheServer server = serve(new AccessPolicy(true, false))) {
            assertThat(send(server, false, "GET", ServedStore.narInfoPath(info)).header("Cache-Control"))
                    .startsWith("public");
        }
    }

    @Test
    void token_withAndWithoutThePermission_isLetInOrForbidden() throws IOException {
        String reader = token("reader", Permission.READ);
        String writer = token("writer", Permission.WRITE);
        try (CacheServer server = serve(AccessPolicy.DEFAULT)) {
            for (String header : List.of(basic(reader), "Authorization: Bearer " + reader)) {
                assertThat(status(server, false, "GET", "/nix-cache-info", header))
                        .isEqualTo(200);
                assertThat(status(server, false, "PUT", "/nix-cache-info", header))
                        .isEqualTo(403);
            }
            assertThat(status(server, false, "PUT", "/nix-cache-info", basic(writer)))
                    .isEqualTo(200);
            assertThat(status(server, false, "GET", "/nix-cache-info", basic(writer)))
                    .isEqualTo(403);
            assertThat(status(server, true, "GET", "/nix-cache-info", basic(writer)))
                    .isEqualTo(200);
        }
    }

    @Test
    void token_revokedOrWrong_is401FromTheNextRequestOnAlsoWhereReadsAreOpen() throws IOException {
        String text = token("ci", Permission.READ);
        try (CacheServer server = serve(AccessPolicy.DEFAULT);
                RawClient client = new RawClient(server.address())) {
            assertThat(client.exchange("GET", "/nix-cache-info", basic(text)).status())
                    .isEqualTo(200);
            assertThat(tokens.revoke("ci")).isPresent();
            RawResponse refused = client.exchange("GET", "/nix-cache-info", basic(text));
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.text()).doesNotContain(text);
            assertThat(client.exchange("GET", "/nix-cache-info").status()).isEqualTo(200);
            assertThat(client.exchange("GET", "/nix-cache-info", "Authorization: Negotiate x")
                            .status())
                    .isEqualTo(401);
        }
    }

    @Test
    void put_refusedBeforeItsBody_isToldAtOnceAndCloses() throws IOException {
        try (CacheServer server = serve(AccessPolicy.DEFAULT);
                RawClient client = new RawClient(server.address())) {
            client.request("PUT", "/nix-cache-info", "Content-Length: 21", "Expect: 100-continue");
            RawResponse refused = client.receive(false);
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.header("Connection")).isEqualTo("close");
            assertThat(client.isClosed()).isTrue();
        }
    }
}
