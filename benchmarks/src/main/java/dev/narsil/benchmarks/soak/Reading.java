package dev.narsil.benchmarks.soak;

import dev.narsil.benchmarks.FaultPlan.Fault;
import dev.narsil.benchmarks.soak.Specimen.Origin;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Requests for what is stored, or is nowhere. */
final class Reading {

    private static final List<String> FIXED = List.of("/nix-cache-info", "/healthz", "/readyz", "/metrics", "/");
    private static final List<String> MALFORMED =
            List.of("/nar/abc.nar", "/../nix-cache-info", "/e.narinfo", "/nar/%2e%2e/x", "/no/such/thing");
    private static final AtomicLong ABSENT = new AtomicLong();

    private Reading() {}

    static void narInfo(Turn turn) throws UnexpectedException {
        Optional<StoredPath> path = turn.scene().paths().pick(turn.random());
        if (path.isEmpty()) {
            return;
        }
        Set<String> signatures = path.get().signatures();
        Specimen specimen = turn.scene().specimens().of(path.get().number());
        Answer got = turn.get(specimen.narInfoUrl());
        turn.scene().requireNarInfo(specimen, got, signatures);
        if (turn.chance(0.2)) {
            Answer head = turn.head(specimen.narInfoUrl());
            Scene.requireStatus("HEAD " + specimen.narInfoUrl(), head, 200);
        }
    }

    static void absent(Turn turn) throws UnexpectedException {
        Specimen nobody = turn.scene().specimens().of(Origin.NOBODY.number(ABSENT.getAndIncrement() % 10_000));
        Scene.requireStatus(nobody.narInfoUrl(), turn.get(nobody.narInfoUrl()), 404);
        if (turn.chance(0.5)) {
            Scene.requireStatus(nobody.url(), turn.get(nobody.url()), 404);
            Scene.requireStatus("HEAD " + nobody.url(), turn.head(nobody.url()), 404);
        }
    }

    static void nar(Turn turn) throws UnexpectedException {
        Optional<StoredPath> path = turn.scene().paths().pick(turn.random());
        if (path.isPresent()) {
            Specimen specimen = turn.scene().specimens().of(path.get().number());
            whole(turn, specimen.url(), specimen.nar());
        }
    }

    private static void whole(Turn turn, String url, byte[] expected) throws UnexpectedException {
        Answer got = turn.get(url);
        Scene.requireStatus(url, got, 200);
        Scene.requireBytes(url, expected, 0, expected.length, got);
        if (turn.chance(0.3)) {
            Answer head = turn.head(url);
            Scene.requireStatus("HEAD " + url, head, 200);
            requireSame("Content-Length", url, got, head);
            requireSame("ETag", url, got, head);
            Answer same = turn.get(url, "If-None-Match: " + head.field("ETag").orElse(""));
            Scene.requireStatus(url + " If-None-Match", same, 304);
        }
    }

    private static void requireSame(String field, String url, Answer one, Answer other) throws UnexpectedException {
        if (one.field(field).isEmpty() || !one.field(field).equals(other.field(field))) {
            throw new UnexpectedException(
                    url + ": " + field + " is " + one.field(field) + ", and then " + other.field(field));
        }
    }

    static void range(Turn turn) throws UnexpectedException {
        Optional<StoredPath> path = turn.scene().paths().pick(turn.random());
        if (path.isPresent()) {
            Specimen specimen = turn.scene().specimens().of(path.get().number());
            boolean wrongBefore =
                    turn.scene().faults().of(specimen.path().digest()).contains(Fault.WRONG_BYTES);
            range(turn, specimen.url(), specimen.nar(), wrongBefore);
        }
    }

    /**
     * Asks for a random range of a file.
     *
     * @param restRefused whether clients may have wrong bytes of its beginning, so that a rest of it may be refused
     */
    private static void range(Turn turn, String url, byte[] file, boolean restRefused) throws UnexpectedException {
        int from = turn.random().nextInt(file.length);
        int to = from + 1 + turn.random().nextInt(file.length - from);
        String wanted = switch (turn.random().nextInt(4)) {
            case 0 -> {
                to = file.length;
                yield from + "-";
            }
            case 1 -> {
                to = file.length;
                yield "-" + (file.length - from);
            }
            case 2 -> {
                from = file.length;
                to = file.length;
                yield from + "-";
            }
            default -> from + "-" + (to - 1);
        };
        String what = url + " Range: bytes=" + wanted;
        Answer got = turn.get(url, "Range: bytes=" + wanted);
        if (from == to) {
            Scene.requireStatus(what, got, 416);
            return;
        }
        if (restRefused && from > 0 && got.status() == 404) {
            turn.tally().borne();
            return;
        }
        Scene.requireStatus(what, got, 206);
        Scene.requireBytes(what, file, from, to - from, got);
        String place = "bytes " + from + "-" + (to - 1) + "/" + file.length;
        if (!got.field("Content-Range").orElse("").equals(place)) {
            throw new UnexpectedException(what + ": Content-Range is " + got.field("Content-Range") + ", not " + place);
        }
    }

    /** Asks for an uploaded file by the name it was uploaded under. */
    static void alias(Turn turn) throws UnexpectedException {
        Optional<UploadedFile> picked = turn.scene().files().pick(turn.random());
        if (picked.isEmpty()) {
            return;
        }
        UploadedFile file = picked.get();
        Specimen specimen = turn.scene().specimens().of(file.number());
        Answer got = turn.get(file.url());
        Scene.requireStatus(file.url(), got, 200);
        byte[] nar;
        try {
            nar = file.compression()
                    .decode(new java.io.ByteArrayInputStream(got.body()))
                    .readAllBytes();
        } catch (java.io.IOException e) {
            throw new UnexpectedException(
                    file.url() + " of " + got.body().length + " bytes is not " + file.compression() + ": " + e);
        }
        if (!Arrays.equals(nar, specimen.nar())) {
            throw new UnexpectedException(file.url() + " does not hold the NAR that was uploaded");
        }
        Answer head = turn.head(file.url());
        Scene.requireStatus("HEAD " + file.url(), head, 200);
        requireSame("ETag", file.url(), got, head);
        requireSame("Content-Length", file.url(), got, head);
        if (got.field("Accept-Ranges").isPresent()) {
            range(turn, file.url(), got.body(), false);
        }
    }

    /** Goes away in the middle of a NAR, at times many in a row. */
    static void leave(Turn turn) throws UnexpectedException {
        Optional<StoredPath> path = turn.scene().paths().pick(turn.random());
        if (path.isEmpty()) {
            return;
        }
        Specimen specimen = turn.scene().specimens().of(path.get().number());
        for (int i = 1 + turn.random().nextInt(3); i > 0; i--) {
            int after = turn.random().nextInt(specimen.nar().length);
            Answer part = turn.leave(specimen.url(), after);
            if (part.lost() != null || part.status() != 200) {
                throw new UnexpectedException(specimen.url() + ": " + part);
            }
            Scene.requireBytes(specimen.url(), specimen.nar(), 0, specimen.nar().length, part);
        }
    }

    static void listing(Turn turn) throws UnexpectedException {
        Optional<StoredPath> path = turn.scene().paths().pick(turn.random());
        if (path.isEmpty() || !path.get().isSettled()) {
            return;
        }
        String url = "/" + turn.scene().specimens().path(path.get().number()).digest() + ".ls";
        Answer got = turn.get(url);
        Scene.requireStatus(url, got, 200);
        try {
            JsonObject root = new JsonObject(new String(got.body(), StandardCharsets.UTF_8)).getJsonObject("root");
            if (root == null || !root.getJsonObject("entries").containsKey("tool")) {
                throw new UnexpectedException(url + ": not the listing of a specimen: " + got);
            }
        } catch (DecodeException e) {
            throw new UnexpectedException(url + ": not JSON: " + e.getMessage());
        }
    }

    static void fixed(Turn turn) throws UnexpectedException {
        String url = FIXED.get(turn.random().nextInt(FIXED.size()));
        Answer got = turn.get(url);
        Scene.requireStatus(url, got, 200);
        if (got.body().length == 0) {
            throw new UnexpectedException(url + " is empty");
        }
    }

    /** Requests that no server takes. */
    static void malformed(Turn turn) throws UnexpectedException {
        String url = MALFORMED.get(turn.random().nextInt(MALFORMED.size()));
        Scene.requireStatus(url, turn.get(url), 400, 404);
        Answer post = turn.client().request("DELETE", "/nix-cache-info", List.of());
        Scene.requireStatus("DELETE /nix-cache-info", post, 405, 401, 403);
    }
}
