package dev.narsil.benchmarks.newer;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Runs all scenes against an empty cache that takes uploads from anybody. */
public final class NewerClient {

    private static final int PATHS = 200;

    /** One path of so many is downloaded in all ways. */
    private static final int DOWNLOADED = 10;

    private static final String USAGE = "usage: newer-client --url http://HOST:PORT[/PATH] [--seed N] [--paths N]";

    private NewerClient() {}

    public static void main(String[] arguments) throws IOException {
        String url = "";
        long seed = System.nanoTime();
        int paths = PATHS;
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--url" -> url = arguments[i + 1];
                case "--seed" -> seed = Long.parseLong(arguments[i + 1]);
                case "--paths" -> paths = Integer.parseInt(arguments[i + 1]);
                default -> url = "";
            }
        }
        if (url.isEmpty() || arguments.length % 2 != 0) {
            System.err.println(USAGE);
            System.exit(2);
        }
        System.out.println("seed " + seed);
        try {
            run(URI.create(url), new SplittableRandom(seed), paths);
        } catch (BrokenRuleException e) {
            System.err.println("a rule is broken: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void run(URI cache, SplittableRandom random, int count) throws IOException {
        AtomicLong late = new AtomicLong();
        Supplier<WireClient> clients = () -> new WireClient(cache, late);
        List<MadePath> closure = ParallelUpload.closure(count, random);
        try (WireClient client = clients.get()) {
            String info = new String(
                    client.get("nix-cache-info")
                            .expect("GET nix-cache-info", 200)
                            .body(),
                    StandardCharsets.UTF_8);
            BrokenRuleException.unless(
                    info.contains("StoreDir: /nix/store\n"), "no StoreDir in nix-cache-info: " + info);

            long begin = System.nanoTime();
            ParallelUpload upload = new ParallelUpload(clients);
            upload.run(closure);
            double seconds = (System.nanoTime() - begin) / 1e9;
            long bytes = closure.stream().mapToLong(path -> path.nar().length).sum();
            System.out.printf(
                    "figure %d NARs, %.1f MB, over %d connections in %.1f s; %d refused before their body and repeated%n",
                    count, bytes / 1e6, ParallelUpload.CONNECTIONS, seconds, upload.refused());

            Downloads downloads = new Downloads(client, random.split());
            for (int i = 0; i < count; i += DOWNLOADED) {
                downloads.check(closure.get(i));
            }
            System.out.printf(
                    "figure %d NARs in two forms, %d times resumed%n", count / DOWNLOADED, downloads.resumed());
            new SmallFiles(client, random.split()).check();
            new Refusals(client, random.split()).check();
        }
        System.out.println("figure " + late + " uploads waited more than a second for 100 Continue");
    }
}
