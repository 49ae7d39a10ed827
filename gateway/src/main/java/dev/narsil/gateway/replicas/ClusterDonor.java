package dev.narsil.gateway.replicas;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.pinning.ApiObject;
import dev.narsil.gateway.pinning.Pin;
import dev.narsil.gateway.pinning.PinFormatException;
import dev.narsil.gateway.pinning.PinState;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A cluster of daemons, each of which can keep a copy, by the REST API of ipfs-cluster. For one thread. */
final class ClusterDonor implements Donor {

    private static final int MAX_ANSWER_BYTES = 1 << 20;
    private static final int MAX_STATUS = 64;
    private static final int NOT_FOUND = 404;
    private static final Set<String> COMING = Set.of("pinning", "pin_queued", "queued");

    private final DonorOptions options;
    private final DonorHttp http;
    private final Map<String, String> headers;

    /** The cluster that {@code options} describe. */
    ClusterDonor(DonorOptions options, DonorHttp http, @Nullable String authorization) {
        this.options = options;
        this.http = http;
        this.headers = authorization == null ? Map.of() : Map.of("Authorization", authorization);
    }

    @Override
    public DonorOptions options() {
        return options;
    }

    @Override
    public void begin(Set<Cid> wanted) {}

    @Override
    public Optional<Holding> look(Cid cid) throws IOException {
        DonorHttp.Response response = send(HttpMethod.GET, "pins/" + cid);
        if (response.status() == NOT_FOUND) {
            return Optional.empty();
        }
        Map<String, Integer> peers = new TreeMap<>();
        try {
            ApiObject map = ApiObject.parse("pin of a cluster", response.body()).object("peer_map");
            for (String peer : map.names()) {
                peers.merge(map.object(peer).text("status", MAX_STATUS), 1, Integer::sum);
            }
        } catch (PinFormatException e) {
            throw new DonorException(DonorException.Kind.UNINTELLIGIBLE, options.name() + ": " + e.getMessage(), e);
        }
        int pinned = peers.getOrDefault("pinned", 0);
        boolean comes = peers.keySet().stream().anyMatch(COMING::contains);
        boolean failed = peers.containsKey("pin_error") || peers.containsKey("cluster_error");
        if (pinned == 0 && !comes && !failed) {
            // what is said of a CID that no peer was given
            return Optional.empty();
        }
        PinState state = pinned > 0 ? PinState.PINNED : comes ? PinState.PINNING : PinState.FAILED;
        return Optional.of(new Holding("", state, pinned, List.of(), "peers: " + peers));
    }

    @Override
    public Holding ask(Pin pin, int copies) throws IOException {
        String query = "?name=" + encoded(pin.name()) + "&replication-min=" + copies + "&replication-max=" + copies
                + (pin.origins().isEmpty() ? "" : "&origins=" + encoded(String.join(",", pin.origins())));
        DonorHttp.Response response = send(HttpMethod.POST, "pins/" + pin.cid() + query);
        if (response.status() == NOT_FOUND) {
            throw new DonorException(DonorException.Kind.UNINTELLIGIBLE, options.name() + ": this is no cluster");
        }
        return new Holding("", PinState.QUEUED, 0, List.of(), "");
    }

    @Override
    public void release(String requestId, Cid cid) throws IOException {
        var _ = send(HttpMethod.DELETE, "pins/" + cid);
    }

    private DonorHttp.Response send(HttpMethod method, String target) throws IOException {
        DonorHttp.Response response =
                http.send(method, options.root().resolve(target), headers, null, MAX_ANSWER_BYTES);
        if (response.status() / 100 == 2 || response.status() == NOT_FOUND) {
            return response;
        }
        throw PinServiceDonor.failure(options, response);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
