package dev.narsil.benchmarks.soak;

import dev.narsil.benchmarks.soak.CacheClient.Upload;
import dev.narsil.benchmarks.soak.ServerProcess.Outcome;
import dev.narsil.benchmarks.soak.Specimen.Origin;
import dev.narsil.rewrite.path.StoreDir;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Commands that an operator runs beside the server, one at a time as each is a JVM. */
final class Administration {

    private static final int IMPORTED = 3;

    private final ServerProcess server;
    private final String importSource;
    private final Semaphore one = new Semaphore(1);
    private final AtomicInteger tokens = new AtomicInteger();

    /**
     * Commands beside {@code server}.
     *
     * @param importSource URL of a cache that has what both upstreams have
     */
    Administration(ServerProcess server, String importSource) {
        this.server = server;
        this.importSource = importSource;
    }

    /** A token is good once it was made, and not once it was revoked. */
    void token(Turn turn) throws UnexpectedException, IOException, InterruptedException {
        if (!one.tryAcquire()) {
            return;
        }
        try {
            String name = "passing-" + tokens.getAndIncrement();
            String made = run("token", "create", "--json", "--name", name, "--allow", "read,write", "--expires", "1h");
            String token = new JsonObject(made).getString("token");
            String url = "/log/"
                    + turn.scene()
                            .specimens()
                            .path(Origin.NOBODY.number(2_000_000))
                            .digest() + "-token.drv";
            List<String> fields = List.of(Scene.authorization(token, turn.random()));
            Upload upload = Upload.of(name.getBytes(StandardCharsets.UTF_8));
            Scene.requireStatus("PUT with a new token", turn.putAs(url, upload, fields), 200, 201, 204);
            run("token", "revoke", name);
            Scene.requireStatus("PUT with a token that was revoked", turn.putAs(url, upload, fields), 401);
        } finally {
            one.release();
        }
    }

    void command(Turn turn) throws UnexpectedException, IOException, InterruptedException {
        if (!one.tryAcquire()) {
            return;
        }
        try {
            switch (turn.random().nextInt(4)) {
                case 0 -> run("gc");
                case 1 -> run("stats", "--json");
                case 2 -> run("token", "list");
                default -> importSome(turn);
            }
        } finally {
            one.release();
        }
    }

    private void importSome(Turn turn) throws UnexpectedException, IOException, InterruptedException {
        Scene scene = turn.scene();
        for (int i = 0; i < IMPORTED; i++) {
            Specimen specimen = scene.unseen(Origin.BOTH);
            run(
                    "import",
                    "--quiet",
                    importSource,
                    "--trusted-key",
                    scene.upstreamKey().publicKey().toString(),
                    "--closure-of",
                    specimen.path().in(StoreDir.DEFAULT));
            Set<String> signatures =
                    Set.copyOf(specimen.info(scene.upstreamKey()).signatures());
            scene.requireNarInfo(specimen, turn.get(specimen.narInfoUrl()), signatures);
            scene.paths().add(new StoredPath(specimen.number(), signatures), turn.random());
        }
    }

    private String run(String... arguments) throws UnexpectedException, IOException, InterruptedException {
        Outcome outcome = server.command(arguments);
        if (outcome.status() != 0) {
            throw new UnexpectedException(
                    "narsil " + String.join(" ", arguments) + " ended with " + outcome.status() + ": " + outcome.err());
        }
        return outcome.out();
    }
}
