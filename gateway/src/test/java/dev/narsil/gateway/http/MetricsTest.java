package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.metrics.Metrics;
import dev.narsil.gateway.upload.NarSupply;
import dev.narsil.gateway.upload.UploadOptions;
import dev.narsil.gateway.upload.Uploads;
import dev.narsil.gateway.upstream.UpstreamLimits;
import dev.narsil.gateway.upstream.UpstreamOptions;
import dev.narsil.gateway.upstream.Upstreams;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a scrape says after requests of every kind. */
class MetricsTest {

    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

    /** All that a label of ours may say; those of the JVM and of the process are Micrometer's. */
    private static final Map<String, Pattern> CLOSED = Map.of(
            "route", Pattern.compile("[a-z]+(-[a-z]+){0,3}"),
            "method", Pattern.compile("get|head|put|other"),
            "status", Pattern.compile("[1-5][0-9][0-9]|other"),
            "le", Pattern.compile("[0-9.E+-]+|\\+Inf"),
            "files", Pattern.compile("packs|other"),
            "part", Pattern.compile("block-cache|memtables|table-readers"),
            "pool", Pattern.compile("native|store"),
            "from", Pattern.compile("memory|store|upstreams|nobody"));

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long POLL_NANOS = 10_000_000;

    @TempDir
    Path directory;

    private ServedStore served;

    @BeforeEach
    void open() throws IOException {
        served = new ServedStore(directory);
    }

    @AfterEach
    void close() throws IOException {
        served.close();
    }

    @Test
    void metrics_requestsOfEveryKind_areCountedByRouteMethodAndStatus() throws IOException {
        PathInfo info = served.add(7, ServedStore.nar(7));
        String narInfo = ServedStore.narInfoPath(info);
        String nar = ServedStore.narPath(info);
        try (RawClient client = new RawClient(served.server.address())) {
            client.exchange("GET", narInfo);
            client.exchange("HEAD", narInfo);
            client.exchange("GET", narInfo);
            client.exchange("GET", "/00000000000000000000000000000000.narinfo");
            client.exchange("GET", nar);
            client.exchange("GET", nar, "Range: bytes=0-9");
            client.exchange("GET", nar, "Range: bytes=99999999999-");
            client.exchange("GET", "/no/such/thing");

            Map<String, Double> scraped = scrape(client);

            assertThat(scraped)
                    .containsEntry(request("nar-info", "get", 200), 2.0)
                    .containsEntry(request("nar-info", "head", 200), 1.0)
                    .containsEntry(request("nar-info", "get", 404), 1.0)
                    .containsEntry(request("nar", "get", 200), 1.0)
                    .containsEntry(request("nar", "get", 206), 1.0)
                    .containsEntry(request("nar", "get", 416), 1.0)
                    .containsEntry(request("none", "get", 404), 1.0)
                    .containsEntry("narsil_narinfo_lookups_total{from=\"store\"}", 1.0)
                    .containsEntry("narsil_narinfo_lookups_total{from=\"memory\"}", 2.0)
                    .containsEntry("narsil_narinfo_lookups_total{from=\"nobody\"}", 1.0)
                    .containsEntry("narsil_http_head_seconds_count{method=\"get\",route=\"nar\"}", 3.0)
                    .containsEntry("narsil_http_response_seconds_count{method=\"get\",route=\"nar\"}", 3.0)
                    .containsEntry("narsil_http_in_flight{method=\"get\",route=\"nar\"}", 0.0)
                    .containsEntry("narsil_http_in_flight{method=\"get\",route=\"metrics\"}", 1.0);
            assertThat(scraped.get("narsil_http_sent_bytes_total{method=\"get\",route=\"nar\"}"))
                    .isGreaterThan(info.narSize() + 10.0)
                    .isLessThan(info.narSize() + 1000.0);
            assertThat(scraped.get("narsil_nar_read_bytes_total")).isGreaterThanOrEqualTo(info.narSize() + 10.0);
        }
    }

    @Test
    void metrics_clientThatLeaves_isCutAndNoLongerInFlight() throws IOException {
        PathInfo info = served.add(8, ServedStore.largeNar(8, 20 << 20));
        String nar = ServedStore.narPath(info);
        try (RawClient client = new RawClient(served.server.address(), 4096)) {
            client.request("GET", nar);
        }
        try (RawClient client = new RawClient(served.server.address())) {
            String cut = "narsil_http_cut_total{method=\"get\",route=\"nar\"}";
            assertThat(scrapeUntil(client, scraped -> scraped.getOrDefault(cut, 0.0) == 1.0))
                    .containsEntry("narsil_http_in_flight{method=\"get\",route=\"nar\"}", 0.0);
        }
    }

    @Test
    void metrics_nothingToCountBefore_tellsMemoryThreadsFilesAndStore() throws IOException {
        served.add(9, ServedStore.nar(9));
        try (RawClient client = new RawClient(served.server.address())) {
            Map<String, Double> scraped = scrapeUntil(client, s -> s.getOrDefault("narsil_store_paths", 0.0) == 1.0);

            assertThat(scraped)
                    .containsKeys(
                            "jvm_threads_live_threads",
                            "process_files_open_files",
                            "jvm_buffer_memory_used_bytes{id=\"direct\"}",
                            "narsil_netty_direct_bytes",
                            "narsil_store_dedup_ratio",
                            "narsil_pool_waiting{pool=\"store\"}",
                            "narsil_connections");
            assertThat(scraped.get("narsil_rocksdb_memory_bytes{part=\"memtables\"}"))
                    .isPositive();
            assertThat(scraped.keySet()).anyMatch(name -> name.startsWith("jvm_memory_used_bytes{area=\"heap\""));
            assertThat(scraped.get("narsil_store_disk_bytes{files=\"packs\"}")).isPositive();
        }
    }

    @Test
    void metrics_afterOddRequests_labelsAreFromClosedSets() throws IOException {
        PathInfo info = served.add(10, ServedStore.nar(10));
        String[] odd = {
            "GET /" + info.path().digest() + ".narinfo HTTP/1.1",
            "PROPFIND /nar/" + info.narHash().toBase32() + ".nar HTTP/1.1",
            "GET /nar/" + info.narHash().toBase32() + ".nar.xz?token=secret HTTP/1.1",
            "GET /log/" + info.path().baseName() + ".drv HTTP/1.1",
            "GET /%00%0a\"}{route=\"evil HTTP/1.1",
            "EVIL" + info.path().digest() + " / HTTP/1.1",
            "GET / HTTP/9.9",
            "\u0000\u0001nonsense",
            "GET /" + "x".repeat(Listeners.MAX_REQUEST_LINE_BYTES) + " HTTP/1.1"
        };
        for (String line : odd) {
            try (RawClient client = new RawClient(served.server.address())) {
                client.send(line + "\r\nHost: cache\r\nAuthorization: Bearer secret\r\n\r\n");
                client.receive(false);
            } catch (IOException e) {
                // some of these get no answer of HTTP/1
                assertThat(line).isNotEmpty();
            }
        }
        try (RawClient client = new RawClient(served.server.address())) {
            String text = new String(client.exchange("GET", "/metrics").body(), StandardCharsets.UTF_8);

            assertThat(text)
                    .doesNotContain(info.path().digest().toString())
                    .doesNotContain(info.narHash().toBase32())
                    .doesNotContain("secret")
                    .doesNotContain("evil");
            Set<String> seen = new HashSet<>();
            for (String line : text.split("\n", -1)) {
                if (!line.startsWith("narsil_")) {
                    continue;
                }
                Matcher label = LABEL.matcher(line);
                while (label.find()) {
                    seen.add(label.group(1));
                    assertThat(CLOSED).as(line).containsKey(label.group(1));
                    assertThat(label.group(2)).as(line).matches(CLOSED.get(label.group(1)));
                }
            }
            assertThat(seen).contains("route", "method", "status", "le");
        }
    }

    @Test
    void metrics_allServices_tellUpstreamsDownloadsAndUploads() throws IOException {
        UpstreamOptions upstream =
                UpstreamOptions.parse("http://user:secret@127.0.0.1:1/cache?priority=7&trust-unsigned=true");
        Services services = Services.of(served.store);
        Uploads uploads =
                new Uploads(served.store, UploadOptions.DEFAULT, Path.of(""), () -> Long.MAX_VALUE, NarSupply.NONE);
        try (Upstreams upstreams = Upstreams.start(served.store, List.of(upstream), UpstreamLimits.DEFAULT);
                CacheServer server =
                        CacheServer.start(services.withUploads(uploads).withUpstreams(upstreams), ServedStore.OPTIONS);
                RawClient client = new RawClient(server.address())) {
            client.exchange("GET", "/00000000000000000000000000000000.narinfo");

            assertThat(scrape(client))
                    .containsEntry(
                            "narsil_upstream_answers_total{answer=\"failure\",upstream=\"http://127.0.0.1:1/cache\"}",
                            1.0)
                    .containsEntry("narsil_narinfo_lookups_total{from=\"nobody\"}", 1.0)
                    .containsEntry("narsil_uploads_in_flight", 0.0)
                    .containsEntry("narsil_uploads_total{event=\"refused\"}", 0.0)
                    .containsKey("narsil_upstream_breaker{state=\"closed\",upstream=\"http://127.0.0.1:1/cache\"}");
            assertThat(client.exchange("GET", "/metrics").text()).doesNotContain("secret");
        }
    }

    private static String request(String route, String method, int status) {
        return "narsil_http_requests_total{method=\"" + method + "\",route=\"" + route + "\",status=\"" + status
                + "\"}";
    }

    /** Scrapes until the figures are as wanted, or patience ends. */
    private static Map<String, Double> scrapeUntil(RawClient client, Predicate<Map<String, Double>> wanted)
            throws IOException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        Map<String, Double> scraped = scrape(client);
        while (!wanted.test(scraped) && System.nanoTime() < deadline) {
            LockSupport.parkNanos(POLL_NANOS);
            scraped = scrape(client);
        }
        assertThat(scraped).matches(wanted);
        return scraped;
    }

    private static Map<String, Double> scrape(RawClient client) throws IOException {
        RawResponse response = client.exchange("GET", "/metrics");
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.headers()).containsEntry("content-type", Metrics.CONTENT_TYPE);
        Map<String, Double> values = new HashMap<>();
        for (String line : new String(response.body(), StandardCharsets.UTF_8).split("\n", -1)) {
            if (!line.isEmpty() && !line.startsWith("#")) {
                int space = line.lastIndexOf(' ');
                values.put(
                        line.substring(0, space),
                        Double.parseDouble(line.substring(space + 1).replace("+Inf", "Infinity")));
            }
        }
        return values;
    }
}
