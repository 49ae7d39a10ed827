package dev.narsil.gateway.pinning;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.source.PercentCoding;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which requests somebody wants to see: the parameters of {@code GET /pins}. Lists are written with commas, or the
 * parameter is repeated, as earlier versions of the API had it.
 */
public final class PinQuery {

    /** Requests on a page where nobody says. */
    public static final int DEFAULT_LIMIT = 10;

    /** Most CIDs (the API's bound). */
    public static final int MAX_CIDS = 10;

    private final Set<Cid> cids = new HashSet<>();
    private final Set<PinState> states = EnumSet.noneOf(PinState.class);
    private final Set<String> seen = new HashSet<>();
    private Map<String, String> meta = Map.of();
    private @Nullable String name;
    private String match = "exact";
    private @Nullable Instant before;
    private @Nullable Instant after;
    private int limit = DEFAULT_LIMIT;

    private PinQuery() {}

    /**
     * Reads what follows the question mark of a URL; parameters that the API does not know are not looked at.
     *
     * @throws PinFormatException if one has a value that is none
     */
    public static PinQuery parse(String query) throws PinFormatException {
        PinQuery parsed = new PinQuery();
        for (String parameter : query.isEmpty() ? new String[0] : query.split("&", -1)) {
            int equals = parameter.indexOf('=');
            parsed.read(
                    equals < 0 ? parameter : parameter.substring(0, equals),
                    decoded(equals < 0 ? "" : parameter.substring(equals + 1)));
        }
        if (parsed.states.isEmpty()) {
            parsed.states.add(PinState.PINNED);
        }
        return parsed;
    }

    private static String decoded(String value) throws PinFormatException {
        try {
            return PercentCoding.decode(value.replace("+", "%20"));
        } catch (IllegalArgumentException e) {
            throw new PinFormatException(String.valueOf(e.getMessage()));
        }
    }

    private void read(String key, String value) throws PinFormatException {
        switch (key) {
            case "cid" -> {
                for (String text : value.split(",", -1)) {
                    cids.add(Pin.cid(text));
                }
                if (cids.size() > MAX_CIDS) {
                    throw new PinFormatException("cid: at most " + MAX_CIDS + " at a time");
                }
            }
            case "status" -> {
                for (String text : value.split(",", -1)) {
                    states.add(PinState.of(text)
                            .orElseThrow(() -> new PinFormatException("status is queued, pinning, pinned or failed")));
                }
            }
            case "name" -> name = bounded(once(key, value));
            case "match" -> {
                match = once(key, value);
                if (!List.of("exact", "iexact", "partial", "ipartial").contains(match)) {
                    throw new PinFormatException("match is exact, iexact, partial or ipartial");
                }
            }
            case "before" -> before = PinStatus.time(once(key, value));
            case "after" -> after = PinStatus.time(once(key, value));
            case "limit" -> limit = limit(once(key, value));
            case "meta" ->
                meta = ApiObject.parse("meta", once(key, value).getBytes(StandardCharsets.UTF_8))
                        .map(Pin.MAX_META, Pin.MAX_META_TEXT);
            default -> {}
        }
    }

    private String once(String key, String value) throws PinFormatException {
        if (!seen.add(key)) {
            throw new PinFormatException(key + " is there twice");
        }
        return value;
    }

    private static String bounded(String name) throws PinFormatException {
        if (name.length() > Pin.MAX_NAME) {
            throw new PinFormatException("name has more than " + Pin.MAX_NAME + " characters");
        }
        return name;
    }

    private static int limit(String text) throws PinFormatException {
        int number = text.matches("[0-9]{1,4}") ? Integer.parseInt(text) : 0;
        if (number < 1 || number > PinResults.MAX_RESULTS) {
            throw new PinFormatException("limit is a number from 1 to " + PinResults.MAX_RESULTS);
        }
        return number;
    }

    /** Returns what is wanted of requests that are in order, the latest first. */
    public PinResults select(Iterable<PinStatus> latestFirst) {
        List<PinStatus> page = new ArrayList<>();
        int count = 0;
        for (PinStatus status : latestFirst) {
            if (wants(status)) {
                count++;
                if (page.size() < limit) {
                    page.add(status);
                }
            }
        }
        return new PinResults(count, page);
    }

    private boolean wants(PinStatus status) {
        return states.contains(status.state())
                && (cids.isEmpty() || cids.contains(status.pin().cid()))
                && (name == null || matches(name, status.pin().name()))
                && (before == null || status.created().isBefore(before))
                && (after == null || status.created().isAfter(after))
                && status.pin().meta().entrySet().containsAll(meta.entrySet());
    }

    private boolean matches(String wanted, String text) {
        return switch (match) {
            case "iexact" -> text.equalsIgnoreCase(wanted);
            case "partial" -> text.contains(wanted);
            case "ipartial" -> text.toLowerCase(Locale.ROOT).contains(wanted.toLowerCase(Locale.ROOT));
            default -> text.equals(wanted);
        };
    }
}
