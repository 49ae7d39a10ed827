package dev.narsil.benchmarks.soak;

import dev.narsil.benchmarks.FaultPlan;
import dev.narsil.benchmarks.FlakyProxy;
import dev.narsil.benchmarks.soak.ServerProcess.Outcome;
import dev.narsil.benchmarks.soak.Specimen.Origin;
import dev.narsil.gateway.narinfo.SecretKey;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Runs a soak and prints what came of it. The exit status is 0 if nothing unexpected happened, else 1. */
public final class Soak {

    /** Failures that are told one by one. */
    private static final int MOST_TOLD = 50;

    private static final int SAMPLES = 60;
    private static final int LEAST_SAMPLE_SECONDS = 3;
    private static final int LEAST_SAMPLES = 10;

    /** A shorter soak is not judged by its samples. */
    private static final int LEAST_JUDGED_SECONDS = 100;

    private static final int PROGRESS_SECONDS = 30;
    private static final int PROBE_MILLIS = 250;
    private static final int PREFER_FLAKY = 10;
    private static final int PREFER_GOOD = 20;

    private final SoakOptions options;
    private final Specimens specimens;
    private final SecretKey upstreamKey = SecretKey.generate("soak-upstream-1");
    private final SecretKey clientKey = SecretKey.generate("soak-client-1");
    private final SeenFaults faults = new SeenFaults();
    private final Overload overload = new Overload();
    private final Map<Operation, Tally> tallies = new EnumMap<>(Operation.class);
    private final List<String> problems = new ArrayList<>();
    private final AtomicLong started = new AtomicLong();
    private final CountDownLatch over = new CountDownLatch(1);

    private Soak(SoakOptions options) {
        this.options = options;
        this.specimens = new Specimens(options.seed());
        for (Operation operation : Operation.values()) {
            tallies.put(operation, new Tally());
        }
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        SoakOptions options;
        try {
            options = SoakOptions.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage() + "\n" + SoakOptions.USAGE);
            System.exit(2);
            return;
        }
        System.exit(new Soak(options).run() ? 0 : 1);
    }

    private boolean run() throws IOException, InterruptedException {
        System.err.println("soak: seed " + options.seed() + ", " + options.seconds() + " s");
        Path data = options.work().resolve("data");
        String writeToken = token(data, "writer", "read,write");
        String readToken = token(data, "reader", "read");
        SecretKey serverKey = SecretKey.generate("soak-server-1");
        Path keyFile = Files.createFile(
                options.work().resolve("server.key"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(keyFile, serverKey.secretText() + "\n");
        try (SpecimenServer flaky = SpecimenServer.start(
                        specimens, upstreamKey, Set.of(Origin.BOTH, Origin.FLAKY), new Overload());
                SpecimenServer good = SpecimenServer.start(specimens, upstreamKey, Set.of(Origin.BOTH), overload);
                FlakyProxy proxy = FlakyProxy.start(flaky.address(), 0, options.seed(), FaultPlan.NONE, faults);
                ServerProcess server = ServerProcess.start(
                        options.narsil(),
                        data,
                        options.work().resolve("serve.log"),
                        List.of(
                                "--upstream",
                                upstream(proxy.port(), PREFER_FLAKY),
                                "--upstream",
                                upstream(good.address().getPort(), PREFER_GOOD),
                                "--sign-key-file",
                                keyFile.toString()))) {
            Runtime.getRuntime().addShutdownHook(new Thread(server::close));
            Scene scene = new Scene(
                    server.address(),
                    specimens,
                    upstreamKey,
                    clientKey,
                    serverKey.name(),
                    writeToken,
                    readToken,
                    faults,
                    overload,
                    new Pool<>(Scene.MOST_KNOWN),
                    new Pool<>(Scene.MOST_KNOWN),
                    Scene.counters());
            Administration administration = new Administration(
                    server, "http://127.0.0.1:" + good.address().getPort());
            Sampler sampler = new Sampler(server.pid(), new CacheClient(server.address()));
            work(scene, administration, server, proxy, good.address(), sampler);
            finish(server, data);
            judge(sampler);
            SoakReport report = new SoakReport(
                    options, tallies, sampler.trends(options.seconds()), faults.counts(), overload.times(), problems);
            System.out.print(options.json() ? report.json() : report.text());
            return problems.isEmpty();
        }
    }

    private String token(Path data, String name, String permissions) throws IOException, InterruptedException {
        Outcome made = ServerProcess.command(
                options.narsil(), data, "token", "create", "--json", "--name", name, "--allow", permissions);
        if (made.status() != 0) {
            throw new IOException("narsil token create: " + made.err());
        }
        return new JsonObject(made.out()).getString("token");
    }

    private String upstream(int port, int priority) {
        String key = URLEncoder.encode(upstreamKey.publicKey().toString(), StandardCharsets.US_ASCII);
        return "http://127.0.0.1:" + port + "?priority=" + priority + "&trusted-key=" + key;
    }

    private void work(
            Scene scene,
            Administration administration,
            ServerProcess server,
            FlakyProxy proxy,
            InetSocketAddress good,
            Sampler sampler)
            throws InterruptedException {
        SplittableRandom seeds = new SplittableRandom(options.seed());
        SmallFiles smallFiles = new SmallFiles(specimens, options.seed());
        List<Thread> threads = new ArrayList<>();
        SplittableRandom weather = seeds.split();
        threads.add(Thread.ofPlatform().start(() -> change(proxy, weather)));
        threads.add(Thread.ofPlatform().start(() -> sample(sampler, server)));
        threads.add(Thread.ofPlatform().start(() -> probe(good)));
        for (int i = 0; i < options.workers(); i++) {
            SplittableRandom random = seeds.split();
            threads.add(Thread.ofPlatform().start(() -> repeat(scene, administration, smallFiles, random)));
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(options.seconds());
        for (long left = end - System.nanoTime(); left > 0 && server.isAlive(); left = end - System.nanoTime()) {
            boolean _ = over.await(Math.min(left, TimeUnit.SECONDS.toNanos(PROGRESS_SECONDS)), TimeUnit.NANOSECONDS);
            System.err.println("soak: " + started.get() + " operations, " + problems() + " problems, "
                    + TimeUnit.NANOSECONDS.toSeconds(Math.max(0, left)) + " s left before");
        }
        over.countDown();
        if (!server.isAlive()) {
            problem("the server died");
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void change(FlakyProxy proxy, SplittableRandom random) {
        try {
            for (long i = 0; !over.await(Weather.SECONDS, TimeUnit.SECONDS); i++) {
                proxy.plan(Weather.next(i, random));
            }
            proxy.plan(FaultPlan.NONE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks the good upstream itself, to know whether it is late. */
    private void probe(InetSocketAddress good) {
        String target = specimens.of(Origin.BOTH.number(0)).narInfoUrl();
        try (CacheClient client = new CacheClient(good)) {
            while (!over.await(PROBE_MILLIS, TimeUnit.MILLISECONDS)) {
                long start = System.nanoTime();
                Answer answer = client.request("GET", target, List.of());
                overload.answered(answer.status() == 200 ? System.nanoTime() - start : Long.MAX_VALUE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sample(Sampler sampler, ServerProcess server) {
        int seconds = Math.max(LEAST_SAMPLE_SECONDS, options.seconds() / SAMPLES);
        try {
            while (!over.await(seconds, TimeUnit.SECONDS) && server.isAlive()) {
                sampler.sample();
            }
        } catch (IOException e) {
            problem("cannot measure the server: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void repeat(Scene scene, Administration administration, SmallFiles smallFiles, SplittableRandom random) {
        long begin = System.nanoTime();
        try (CacheClient client = new CacheClient(scene.server())) {
            while (true) {
                long number = started.getAndIncrement();
                long due = begin + (long) (number / options.rate() * 1e9);
                if (over.await(Math.max(0, due - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                    return;
                }
                SplittableRandom own = random.split();
                Operation operation = choose(own);
                Tally tally = tallies.get(operation);
                long start = System.nanoTime();
                boolean failed = false;
                try {
                    run(operation, new Turn(scene, own, client, tally), administration, smallFiles);
                } catch (UnexpectedException | IOException e) {
                    failed = true;
                    client.disconnect();
                    problem("operation " + number + ", " + operation + ": " + e.getMessage());
                }
                tally.done(System.nanoTime() - start, failed);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Operation choose(SplittableRandom random) {
        double all = options.only().stream().mapToDouble(Operation::weight).sum();
        double luck = random.nextDouble() * all;
        Operation chosen = Operation.NARINFO;
        for (Operation operation : Operation.values()) {
            if (options.only().contains(operation)) {
                chosen = operation;
                luck -= operation.weight();
                if (luck < 0) {
                    break;
                }
            }
        }
        return chosen;
    }

    private static void run(Operation operation, Turn turn, Administration administration, SmallFiles smallFiles)
            throws UnexpectedException, IOException, InterruptedException {
        switch (operation) {
            case NARINFO -> Reading.narInfo(turn);
            case ABSENT -> Reading.absent(turn);
            case NAR -> Reading.nar(turn);
            case RANGE -> Reading.range(turn);
            case ALIAS -> Reading.alias(turn);
            case LEAVE -> Reading.leave(turn);
            case LISTING -> Reading.listing(turn);
            case FIXED -> Reading.fixed(turn);
            case MALFORMED -> Reading.malformed(turn);
            case PULL_BOTH -> Pulling.both(turn);
            case PULL_FLAKY -> Pulling.flaky(turn);
            case UPLOAD -> Uploading.path(turn);
            case UPLOAD_CUT -> Uploading.cut(turn);
            case CONFLICT -> Uploading.conflict(turn);
            case SIGN -> Uploading.sign(turn);
            case REFUSED -> Uploading.refused(turn);
            case SMALL_FILE -> smallFiles.one(turn);
            case TOKEN -> administration.token(turn);
            case COMMAND -> administration.command(turn);
        }
    }

    private void finish(ServerProcess server, Path data) throws IOException, InterruptedException {
        String trouble = server.isAlive() ? server.stop() : "";
        if (!trouble.isEmpty()) {
            problem("stopping the server: " + trouble);
        }
        for (String line : server.log()) {
            if (line.contains("ERROR") || line.contains("LEAK")) {
                problem("the server logged: " + line);
            }
        }
        Outcome verify = ServerProcess.command(options.narsil(), data, "verify");
        if (verify.status() != 0) {
            problem("narsil verify ended with " + verify.status() + ": " + verify.out() + verify.err());
        }
    }

    private void judge(Sampler sampler) {
        if (options.seconds() >= LEAST_JUDGED_SECONDS && sampler.size() < LEAST_SAMPLES) {
            problem("only " + sampler.size() + " samples were taken, which tell nothing");
        }
        for (Sampler.Trend trend : sampler.trends(options.seconds())) {
            if (!trend.isFlat()) {
                problem(String.format(
                        "%s grew from %.1f to %.1f %s, more than to %.1f",
                        trend.measure().label(),
                        trend.early(),
                        trend.late(),
                        trend.measure().unit(),
                        trend.allowed()));
            }
        }
    }

    private void problem(String text) {
        synchronized (problems) {
            problems.add(text);
            if (problems.size() <= MOST_TOLD) {
                System.err.println("soak: seed " + options.seed() + ": " + text);
            }
        }
    }

    private int problems() {
        synchronized (problems) {
            return problems.size();
        }
    }
}
