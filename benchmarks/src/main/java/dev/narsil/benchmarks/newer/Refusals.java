package dev.narsil.benchmarks.newer;

import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;

/** Uploads that must not be taken, and uploads that break off. */
final class Refusals {

    private static final int CUTS = 12;

    private final WireClient client;
    private final SplittableRandom random;

    Refusals(WireClient client, SplittableRandom random) {
        this.client = client;
        this.random = random;
    }

    void check() throws IOException {
        MadePath path = MadePath.of(random, "refused", 300_000, List.of());
        MadePath other = MadePath.of(random, "other", 300_000, List.of());

        client.put(path.filePath(), other.file()).expect("PUT of a file under the hash of another", 400);
        client.head(path.filePath()).expect("HEAD of what was refused", 404);
        client.put("nar/../" + path.filePath(), path.file()).expect("PUT to a path with ..", 400, 404, 405);
        client.put(path.narInfoPath(), path.narInfoBytes()).expect("PUT of a narinfo without its NAR", 400, 409);

        cut(path);
        client.put(path.filePath(), path.file()).expect("PUT after PUTs that broke off", 200, 201, 204);
        client.put(path.narInfoPath(), path.narInfoBytes()).expect("PUT of its narinfo", 200, 201, 204);

        Reply again = client.put(path.filePath(), path.file()).expect("PUT of what is here", 200);
        BrokenRuleException.unless(!again.continued(), "the body of what is here was asked for");

        client.put(other.filePath(), other.file()).expect("PUT of another NAR", 200, 201, 204);
        MadePath conflict =
                new MadePath(path.path(), List.of(), other.nar(), other.narHash(), other.file(), other.fileHash());
        client.put(path.narInfoPath(), conflict.narInfoBytes()).expect("PUT of another NarHash for a path", 409);
        client.put(
                        path.narInfoPath(),
                        path.narInfo()
                                .replace("NarSize: ", "NarSize: 1")
                                .getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                .expect("PUT of a wrong NarSize", 400, 409);
    }

    private void cut(MadePath path) throws IOException {
        for (int i = 0; i < CUTS; i++) {
            client.cutPut(path.filePath(), path.file(), i == 0 ? 0 : random.nextInt(path.file().length));
            client.head(path.filePath()).expect("HEAD of what was uploaded in part", 404);
        }
    }
}
