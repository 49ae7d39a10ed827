package dev.narsil.gateway.replicas;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.pinning.ApiObject;
import dev.narsil.gateway.pinning.Pin;
import dev.narsil.gateway.pinning.PinFormatException;
import dev.narsil.gateway.pinning.PinResults;
import dev.narsil.gateway.pinning.PinState;
import dev.narsil.gateway.pinning.PinStatus;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A pinning service. A round begins with a list of all that was asked of it, page by page. For one thread. */
final class PinServiceDonor implements Donor {

    /** Most pages of a list. */
    static final int MAX_PAGES = 1000;

    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;

    private final DonorOptions options;
    private final DonorHttp http;
    private final Map<String, String> headers;
    private final int pageSize;
    private final Map<Cid, PinStatus> known = new HashMap<>();

    /**
     * The service that {@code options} describe.
     *
     * @param authorization value of that header; null for none
     * @param pageSize requests to ask for at a time
     */
    PinServiceDonor(DonorOptions options, DonorHttp http, @Nullable String authorization, int pageSize) {
        this.options = options;
        this.http = http;
        this.headers = authorization == null ? Map.of() : Map.of("Authorization", authorization);
        this.pageSize = pageSize;
    }

    @Override
    public DonorOptions options() {
        return options;
    }

    @Override
    public void begin(Set<Cid> wanted) throws IOException {
        known.clear();
        Set<String> texts = wanted.stream().map(Cid::toString).collect(Collectors.toSet());
        Instant before = null;
        for (int page = 0; page < MAX_PAGES; page++) {
            Instant oldest = page(before, texts);
            if (oldest == null) {
                return;
            }
            if (before != null && !oldest.isBefore(before)) {
                throw wrong("a page that is not older than the one before");
            }
            before = oldest;
        }
        throw wrong("more than " + MAX_PAGES + " pages");
    }

    /** Reads a page; returns when the oldest on it was made, or null if it is the last. */
    private @Nullable Instant page(@Nullable Instant before, Set<String> wanted) throws IOException {
        String query = "pins?status=queued,pinning,pinned,failed&limit=" + pageSize
                + (before == null ? "" : "&before=" + encoded(before.toString()));
        ApiObject page = object(send(HttpMethod.GET, query, null, PinResults.MAX_BYTES), "pin results");
        try {
            List<ApiObject> results = page.objects("results", PinResults.MAX_RESULTS);
            Instant oldest = null;
            for (ApiObject result : results) {
                Instant created = PinStatus.time(result.text("created", PinStatus.MAX_ID));
                oldest = oldest == null || created.isBefore(oldest) ? created : oldest;
                // others may have asked for what cannot be ours
                if (wanted.contains(cid(result))) {
                    PinStatus status = PinStatus.parse(result);
                    known.merge(status.pin().cid(), status, PinServiceDonor::better);
                }
            }
            return page.count("count") > results.size() ? oldest : null;
        } catch (PinFormatException e) {
            throw new DonorException(DonorException.Kind.UNINTELLIGIBLE, options.name() + ": " + e.getMessage(), e);
        }
    }

    private static String cid(ApiObject result) throws PinFormatException {
        return result.object("pin").text("cid", PinStatus.MAX_BYTES);
    }

    /** Of two requests for one CID, the one that has come further. */
    private static PinStatus better(PinStatus one, PinStatus other) {
        return rank(other.state()) > rank(one.state()) ? other : one;
    }

    private static int rank(PinState state) {
        return switch (state) {
            case FAILED -> 0;
            case QUEUED -> 1;
            case PINNING -> 2;
            case PINNED -> 3;
        };
    }

    @Override
    public Optional<Holding> look(Cid cid) {
        return Optional.ofNullable(known.get(cid)).map(PinServiceDonor::holding);
    }

    private static Holding holding(PinStatus status) {
        return new Holding(
                status.requestId(),
                status.state(),
                status.state() == PinState.PINNED ? 1 : 0,
                status.delegates().stream().limit(Pin.MAX_ADDRESSES).toList(),
                status.info().getOrDefault(PinStatus.DETAILS, ""));
    }

    @Override
    public Holding ask(Pin pin, int copies) throws IOException {
        PinStatus there = known.get(pin.cid());
        if (there != null && there.state() != PinState.FAILED) {
            // an earlier request of which the answer was lost
            return holding(there);
        }
        DonorHttp.Response response = send(HttpMethod.POST, "pins", pin.toJson().toBuffer(), PinStatus.MAX_BYTES);
        try {
            PinStatus status = PinStatus.parse(response.body());
            if (!status.pin().cid().equals(pin.cid())) {
                throw wrong("it was asked for another CID");
            }
            known.put(pin.cid(), status);
            return holding(status);
        } catch (PinFormatException e) {
            throw new DonorException(DonorException.Kind.UNINTELLIGIBLE, options.name() + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void release(String requestId, Cid cid) throws IOException {
        PinStatus there = known.remove(cid);
        String id = there == null ? requestId : there.requestId();
        if (!id.isEmpty()) {
            var _ = send(HttpMethod.DELETE, "pins/" + encoded(id), null, PinStatus.MAX_BYTES);
        }
    }

    private DonorHttp.Response send(HttpMethod method, String target, @Nullable Buffer body, int maxBytes)
            throws IOException {
        URI uri = options.root().resolve(target);
        DonorHttp.Response response = http.send(method, uri, headers, body, maxBytes);
        boolean gone = HttpMethod.DELETE.equals(method) && response.status() == NOT_FOUND;
        if (response.status() / 100 == 2 || gone) {
            return response;
        }
        throw failure(options, response);
    }

    /** Returns what a status that is an error means, with the reason that its object of the API gives. */
    static DonorException failure(DonorOptions options, DonorHttp.Response response) {
        String reason = options.name() + ": HTTP status " + response.status();
        try {
            ApiObject error = ApiObject.parse("failure", response.body()).object("error");
            reason += ": " + error.text("reason", PinStatus.MAX_ID)
                    + error.optionalText("details", PinStatus.MAX_BYTES)
                            .map(details -> ": " + details)
                            .orElse("");
        } catch (PinFormatException e) {
            // the status has to do
            reason += " without a reason";
        }
        DonorException.Kind kind = switch (response.status()) {
            case 401, 403 -> DonorException.Kind.REFUSED;
            case CONFLICT, 402, 413, 507 -> DonorException.Kind.FULL;
            case 400 -> DonorException.Kind.UNWILLING;
            default -> DonorException.Kind.UNINTELLIGIBLE;
        };
        return new DonorException(kind, reason);
    }

    private ApiObject object(DonorHttp.Response response, String what) throws DonorException {
        try {
            return ApiObject.parse(what, response.body());
        } catch (PinFormatException e) {
            throw new DonorException(DonorException.Kind.UNINTELLIGIBLE, options.name() + ": " + e.getMessage(), e);
        }
    }

    private DonorException wrong(String reason) {
        return new DonorException(DonorException.Kind.UNINTELLIGIBLE, options.name() + ": " + reason);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
