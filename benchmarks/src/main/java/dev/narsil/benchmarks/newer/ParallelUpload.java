package dev.narsil.benchmarks.newer;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A closure that goes up as Nix 2.35 sends it: all NARs at once, the largest first, over 25 connections; a narinfo when its NAR
 * and the narinfos of its references are there; the existence of each asked for before.
 */
final class ParallelUpload {

    /** Connections of one client, Nix's {@code http-connections}. */
    static final int CONNECTIONS = 25;

    private static final int SMALLEST_LOG2 = 10;
    private static final int LARGEST_LOG2 = 22;
    private static final int REFERENCES = 5;

    private final Supplier<WireClient> clients;
    private final Map<MadePath, CompletableFuture<Void>> done = new ConcurrentHashMap<>();
    private final AtomicInteger refused = new AtomicInteger();

    ParallelUpload(Supplier<WireClient> clients) {
        this.clients = clients;
    }

    /** Makes a closure of so many paths, of 1 KiB to 4 MiB, small ones much more often. */
    static List<MadePath> closure(int count, SplittableRandom random) {
        List<MadePath> paths = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double luck = random.nextDouble();
            int size = (int) Math.pow(2, SMALLEST_LOG2 + (LARGEST_LOG2 - SMALLEST_LOG2) * luck * luck);
            List<MadePath> references = i == 0
                    ? List.of()
                    : random.ints(Math.min(i, REFERENCES), 0, i)
                            .distinct()
                            .mapToObj(paths::get)
                            .toList();
            paths.add(MadePath.of(random, "newer-" + i, size, references));
        }
        return paths;
    }

    /** Uploads all and waits until all are there. */
    void run(List<MadePath> closure) throws IOException {
        List<MadePath> largestFirst = closure.stream()
                .sorted(Comparator.comparingInt((MadePath path) -> path.nar().length)
                        .reversed())
                .toList();
        try (ExecutorService connections = Executors.newFixedThreadPool(CONNECTIONS)) {
            Map<MadePath, CompletableFuture<Void>> nars = new ConcurrentHashMap<>();
            for (MadePath path : largestFirst) {
                nars.put(path, CompletableFuture.runAsync(() -> uploadNar(path), connections));
            }
            for (MadePath path : closure) {
                CompletableFuture<?>[] before =
                        path.references().stream().map(done::get).toArray(CompletableFuture<?>[]::new);
                CompletableFuture<Void> nar = nars.get(path);
                done.put(
                        path,
                        CompletableFuture.allOf(before)
                                .thenCombine(nar, (a, b) -> a)
                                .thenRunAsync(() -> uploadNarInfo(path), connections));
            }
            CompletableFuture.allOf(done.values().toArray(CompletableFuture<?>[]::new))
                    .join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof BrokenRuleException broken) {
                throw broken;
            }
            throw new IOException("an upload failed: " + e.getCause(), e.getCause());
        }
    }

    /** How many uploads were refused before their body was sent, and repeated. */
    int refused() {
        return refused.get();
    }

    private void uploadNar(MadePath path) {
        try (WireClient client = clients.get()) {
            client.head(path.narInfoPath()).expect("HEAD of a narinfo that was not uploaded", 404);
            client.head(path.filePath()).expect("HEAD of a NAR that was not uploaded", 404);
            Reply reply = put(client, path.filePath(), path.file(), "Content-Type: application/x-nix-nar");
            BrokenRuleException.unless(
                    reply.continued(), "a NAR that was not uploaded is taken as here: " + path.filePath());
            client.head(path.filePath()).expect("HEAD of a NAR that was uploaded", 200);
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    private void uploadNarInfo(MadePath path) {
        try (WireClient client = clients.get()) {
            for (MadePath reference : path.references()) {
                client.head(reference.narInfoPath())
                        .expect("HEAD of the narinfo of a reference that was uploaded", 200);
            }
            put(client, path.narInfoPath(), path.narInfoBytes(), "Content-Type: text/x-nix-narinfo");
            client.get(path.narInfoPath()).expect("GET of a narinfo that was uploaded", 200);
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    /** Uploads, and again while the cache says before the body that it is busy. */
    private Reply put(WireClient client, String path, byte[] body, String type) throws IOException {
        Reply reply = client.put(path, body, type);
        while (reply.status() == 503 && !reply.continued()) {
            BrokenRuleException.unless(!reply.field("Retry-After").isEmpty(), "503 without Retry-After");
            refused.incrementAndGet();
            pause();
            reply = client.put(path, body, type);
        }
        return reply.expect("PUT " + path, 200, 201, 204);
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
