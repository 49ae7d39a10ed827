package dev.narsil.benchmarks.soak;

import dev.narsil.benchmarks.soak.CacheClient.Upload;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.nar.NarWriter;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Uploads paths without a pause, by turns as xz and zstd, each NAR and then its narinfo. The bodies are made before, so that little of
 * the machine goes into making them: of some NARs of noise, each with a last file that is another every time, compressed as a stream of
 * its own. The first uploads of each are all new blocks, later ones few.
 */
public final class UploadLoad {

    private static final int BODIES = 16;
    private static final int NAR_BYTES = 8 << 20;
    private static final int UNIQUE_LENGTH = 16;
    private static final Compression[] COMPRESSIONS = {Compression.XZ, Compression.ZSTD};

    private UploadLoad() {}

    /** A NAR without its last file, as it is and compressed. */
    private record Body(Compression compression, byte[] noise, byte[] start, byte[] compressed) {

        static Body make(int number) throws IOException {
            SplittableRandom random = new SplittableRandom(number);
            byte[] noise = new byte[NAR_BYTES];
            for (int i = 0; i < noise.length; i++) {
                noise[i] = (byte) ('a' + random.nextInt(16));
            }
            Compression compression = COMPRESSIONS[number % COMPRESSIONS.length];
            byte[] one = nar(noise, 0);
            byte[] start = Arrays.copyOf(one, Arrays.mismatch(one, nar(noise, -1)));
            return new Body(compression, noise, start, NarFiles.compress(compression, start));
        }

        private static byte[] nar(byte[] noise, long unique) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(noise.length + 1024);
            NarWriter writer = new NarWriter(bytes);
            writer.startDirectory();
            writer.entry("data".getBytes(StandardCharsets.US_ASCII));
            writer.regular(false, noise);
            writer.entry("unique".getBytes(StandardCharsets.US_ASCII));
            writer.regular(
                    false, String.format("%0" + UNIQUE_LENGTH + "x", unique).getBytes(StandardCharsets.US_ASCII));
            writer.endDirectory();
            writer.finish();
            return bytes.toByteArray();
        }
    }

    /** Runs {@code URL SECONDS THREADS}. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        URI url = URI.create(arguments[0]);
        InetSocketAddress server = new InetSocketAddress(url.getHost(), url.getPort());
        List<Body> bodies = new ArrayList<>();
        for (int i = 0; i < BODIES; i++) {
            bodies.add(Body.make(i));
        }
        System.out.println("ready");
        long end = System.nanoTime() + Integer.parseInt(arguments[1]) * 1_000_000_000L;
        AtomicLong next = new AtomicLong(1);
        AtomicLong errors = new AtomicLong();
        AtomicLong bytes = new AtomicLong();
        AtomicLong uploads = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try (CacheClient client = new CacheClient(server)) {
                    while (System.nanoTime() < end) {
                        long number = next.getAndIncrement();
                        Body body = bodies.get((int) (number % BODIES));
                        if (upload(client, body, number)) {
                            uploads.incrementAndGet();
                            bytes.addAndGet(body.start.length);
                        } else {
                            errors.incrementAndGet();
                        }
                    }
                } catch (IOException e) {
                    System.err.println("upload: " + e);
                    errors.incrementAndGet();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.println(uploads + " uploads, " + bytes.get() / 1_000_000 + " MB of NAR, " + errors + " errors");
    }

    private static boolean upload(CacheClient client, Body body, long number) throws IOException {
        byte[] nar = Body.nar(body.noise, number);
        byte[] rest = NarFiles.compress(body.compression, Arrays.copyOfRange(nar, body.start.length, nar.length));
        byte[] file = Arrays.copyOf(body.compressed, body.compressed.length + rest.length);
        System.arraycopy(rest, 0, file, body.compressed.length, rest.length);
        Sha256 fileHash = Sha256.hash(file);
        Sha256 narHash = Sha256.hash(nar);
        StorePath path = new StorePath(Digest.of(narHash.bytes(), 0), "upload-" + number);
        String url = "nar/" + fileHash.toBase32() + ".nar" + body.compression.fileSuffix();
        PathInfo info =
                new PathInfo(path, narHash, null, nar.length, List.of(), null, null, List.of(), null, List.of());
        NarInfo narInfo = new NarInfo(info, url, body.compression.toString(), fileHash.toString(), (long) file.length);
        return isStored(client.put("/" + url, List.of(), Upload.of(file)))
                && isStored(client.put(
                        "/" + path.digest() + ".narinfo", List.of(), Upload.of(narInfo.printBytes(StoreDir.DEFAULT))));
    }

    private static boolean isStored(Answer answer) {
        boolean stored = answer.isComplete() && answer.status() >= 200 && answer.status() <= 204;
        if (!stored) {
            System.err.println("upload: " + answer);
        }
        return stored;
    }
}
