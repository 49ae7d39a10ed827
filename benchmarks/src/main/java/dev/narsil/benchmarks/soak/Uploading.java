package dev.narsil.benchmarks.soak;

import dev.narsil.benchmarks.soak.CacheClient.Upload;
import dev.narsil.benchmarks.soak.Specimen.Origin;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.narinfo.Fingerprint;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Uploads of paths: good, cut off, repeated, contradicting, and refused. */
final class Uploading {

    private static final Integer[] STORED = {200, 201, 204};
    private static final int MOST_SIGNATURES = 8;
    private static final int GARBAGE_BYTES = 1000;

    private Uploading() {}

    /** The file of a NAR, on its way. */
    private record NarFile(Specimen specimen, Compression compression, byte[] bytes, Sha256 hash) {

        static NarFile make(Turn turn) throws IOException {
            Specimen specimen = turn.scene().unseen(Origin.CLIENT);
            Compression[] all = Compression.values();
            Compression compression = all[turn.random().nextInt(all.length)];
            byte[] bytes = turn.chance(0.3)
                    ? NarFiles.compressInParts(compression, specimen.nar())
                    : NarFiles.compress(compression, specimen.nar());
            return new NarFile(specimen, compression, bytes, Sha256.hash(bytes));
        }

        String url() {
            return "/nar/" + hash.toBase32() + ".nar" + compression.fileSuffix();
        }

        NarInfo narInfo(PathInfo info) {
            return new NarInfo(info, url().substring(1), compression.toString(), hash.toString(), (long) bytes.length);
        }
    }

    static void path(Turn turn) throws UnexpectedException, IOException {
        NarFile file = NarFile.make(turn);
        Scene.requireStatus("HEAD " + file.url(), turn.head(file.url()), 404);
        putNar(turn, file);
        if (turn.chance(0.1)) {
            // A NAR that nobody claims.
            Scene.requireStatus("HEAD " + file.url(), turn.head(file.url()), 200);
            return;
        }
        StoredPath stored = putNarInfo(turn, file);
        if (turn.chance(0.3)) {
            Scene.requireStatus("HEAD " + file.url(), turn.head(file.url()), 200);
            Answer again = turn.put(file.url(), Upload.of(file.bytes));
            Scene.requireStatus("PUT " + file.url() + " again", again, STORED);
            if (again.continued()) {
                throw new UnexpectedException(
                        "PUT " + file.url() + " again: its body was asked for although it is here");
            }
            putNarInfo(turn, file);
        }
        turn.scene().paths().add(stored, turn.random());
        turn.scene().files().add(new UploadedFile(file.specimen.number(), file.url(), file.compression), turn.random());
    }

    private static void putNar(Turn turn, NarFile file) throws UnexpectedException {
        Upload upload = new Upload(file.bytes, turn.chance(0.8), turn.chance(0.2), -1);
        Scene.requireStatus("PUT " + file.url(), turn.put(file.url(), upload), STORED);
    }

    private static StoredPath putNarInfo(Turn turn, NarFile file) throws UnexpectedException {
        Scene scene = turn.scene();
        PathInfo info = file.specimen.info(scene.clientKey());
        byte[] text = file.narInfo(info).printBytes(StoreDir.DEFAULT);
        Scene.requireStatus(
                "PUT " + file.specimen.narInfoUrl(), turn.put(file.specimen.narInfoUrl(), Upload.of(text)), STORED);
        Set<String> signatures = new HashSet<>(info.signatures());
        NarInfo got = scene.requireNarInfo(file.specimen, turn.get(file.specimen.narInfoUrl()), signatures);
        String signed = got.pathInfo().signatures().stream()
                .filter(signature -> signature.startsWith(scene.serverKeyName() + ":"))
                .findFirst()
                .orElseThrow(() -> new UnexpectedException(file.specimen.narInfoUrl() + ": not signed by the server"));
        signatures.add(signed);
        return new StoredPath(file.specimen.number(), signatures);
    }

    /** An upload that is cut off leaves nothing, and can be repeated. */
    static void cut(Turn turn) throws UnexpectedException, IOException {
        NarFile file = NarFile.make(turn);
        Upload upload = new Upload(file.bytes, turn.chance(0.8), turn.chance(0.2), -1);
        for (int i = 1 + turn.random().nextInt(2); i > 0; i--) {
            Answer answer = turn.put(file.url(), upload.cut(turn.random().nextInt(file.bytes.length)));
            if (!answer.left()) {
                throw new UnexpectedException("PUT " + file.url() + ": " + answer + "; expected to send a body");
            }
            turn.tally().borne();
        }
        Scene.requireStatus("HEAD " + file.url() + " after a cut", turn.head(file.url()), 404);
        if (turn.chance(0.5)) {
            putNar(turn, file);
            putNarInfo(turn, file);
        }
    }

    /** A narinfo that says of a stored path that it is another NAR. */
    static void conflict(Turn turn) throws UnexpectedException {
        Optional<StoredPath> path = turn.scene().paths().pick(turn.random());
        Optional<StoredPath> other = turn.scene().paths().pick(turn.random());
        if (path.isEmpty()
                || other.isEmpty()
                || path.get().number() == other.get().number()) {
            return;
        }
        if (!path.get().isSettled() || !other.get().isSettled()) {
            return;
        }
        Specimen one = turn.scene().specimens().of(path.get().number());
        Specimen two = turn.scene().specimens().of(other.get().number());
        Specimen mixed = new Specimen(one.number(), one.path(), one.references(), two.nar(), two.narHash());
        byte[] text = NarInfo.of(mixed.info(turn.scene().clientKey())).printBytes(StoreDir.DEFAULT);
        Set<String> signatures = path.get().signatures();
        Answer answer = turn.put(one.narInfoUrl(), Upload.of(text));
        Scene.requireStatus("PUT " + one.narInfoUrl() + " with the NAR of " + two.path(), answer, 409);
        turn.scene().requireNarInfo(one, turn.get(one.narInfoUrl()), signatures);
    }

    /** As {@code nix store sign} does it. */
    static void sign(Turn turn) throws UnexpectedException {
        Optional<StoredPath> path = turn.scene().paths().pick(turn.random());
        if (path.isEmpty() || !path.get().isSettled() || !path.get().changing.tryLock()) {
            return;
        }
        try {
            Set<String> signatures = path.get().signatures();
            if (signatures.size() >= MOST_SIGNATURES) {
                return;
            }
            Specimen specimen = turn.scene().specimens().of(path.get().number());
            SecretKey key = SecretKey.generate("soak-" + signatures.size());
            PathInfo info = specimen.info();
            String signature =
                    key.sign(Fingerprint.sorted(info, StoreDir.DEFAULT)).toString();
            List<String> sent = new ArrayList<>(turn.chance(0.5) ? signatures : Set.of());
            sent.add(signature);
            PathInfo more = new PathInfo(
                    info.path(),
                    info.narHash(),
                    null,
                    info.narSize(),
                    info.references(),
                    null,
                    null,
                    sent,
                    null,
                    List.of());
            byte[] text = NarInfo.of(more).printBytes(StoreDir.DEFAULT);
            Scene.requireStatus(
                    "PUT " + specimen.narInfoUrl(), turn.put(specimen.narInfoUrl(), Upload.of(text)), STORED);
            path.get().signed(signature);
            turn.scene()
                    .requireNarInfo(
                            specimen,
                            turn.get(specimen.narInfoUrl()),
                            path.get().signatures());
        } finally {
            path.get().changing.unlock();
        }
    }

    /** What must not be taken, each with its status. */
    static void refused(Turn turn) throws UnexpectedException, IOException {
        NarFile file = NarFile.make(turn);
        Upload upload = Upload.of(file.bytes);
        switch (turn.random().nextInt(7)) {
            case 0 -> refusedEarly(turn, file, List.of(), 401);
            case 1 -> refusedEarly(turn, file, List.of(Scene.authorization("narsil_wrong", turn.random())), 401);
            case 2 ->
                refusedEarly(
                        turn, file, List.of(Scene.authorization(turn.scene().readToken(), turn.random())), 403);
            case 3 -> {
                byte[] garbage = new byte[GARBAGE_BYTES];
                turn.random().nextBytes(garbage);
                String url = "/nar/" + Sha256.hash(garbage).toBase32() + ".nar.xz";
                requireRefused(turn, url, Upload.of(garbage));
            }
            case 4 -> {
                String url = "/nar/" + file.specimen.narHash().toBase32() + ".nar" + file.compression.fileSuffix();
                if (!file.url().equals(url)) {
                    requireRefused(turn, url, upload);
                }
            }
            case 5 -> {
                byte[] part = Arrays.copyOf(file.bytes, turn.random().nextInt(1, file.bytes.length));
                String url = "/nar/" + Sha256.hash(part).toBase32() + ".nar" + file.compression.fileSuffix();
                requireRefused(turn, url, Upload.of(part));
            }
            default -> {
                byte[] text = file.narInfo(file.specimen.info()).printBytes(StoreDir.DEFAULT);
                String url = file.specimen.narInfoUrl();
                Scene.requireStatus("PUT " + url + " without its NAR", turn.put(url, Upload.of(text)), 400);
                Scene.requireStatus(url, turn.get(url), 404);
            }
        }
    }

    private static void refusedEarly(Turn turn, NarFile file, List<String> fields, int status)
            throws UnexpectedException {
        Answer answer = turn.putAs(file.url(), Upload.of(file.bytes), fields);
        Scene.requireStatus(
                "PUT " + file.url() + " with " + (fields.isEmpty() ? "no token" : "a bad token"), answer, status);
        if (answer.continued()) {
            throw new UnexpectedException("PUT " + file.url() + ": its body was asked for before it was refused");
        }
        Scene.requireStatus("HEAD " + file.url() + " after it was refused", turn.head(file.url()), 404);
    }

    private static void requireRefused(Turn turn, String url, Upload upload) throws UnexpectedException {
        Scene.requireStatus("PUT " + url + " of something else", turn.put(url, upload), 400);
        Scene.requireStatus("HEAD " + url + " after it was refused", turn.head(url), 404);
    }
}
