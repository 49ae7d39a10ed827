package dev.narsil.benchmarks.soak;

import dev.narsil.benchmarks.soak.CacheClient.Upload;
import dev.narsil.benchmarks.soak.Specimen.Origin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** A fixed number of names of logs, realisations, debug information and listings, and what is stored under each. */
final class SmallFiles {

    private static final int NAMES = 40;
    private static final int MOST_BYTES = 50_000;
    private static final int BUILD_ID_BYTES = 20;
    private static final int HASH_BYTES = 32;

    /** One name. */
    private static final class Slot {
        private final String url;
        private final ReentrantLock busy = new ReentrantLock();
        private byte @Nullable [] contents;

        private Slot(String url) {
            this.url = url;
        }
    }

    private final List<Slot> slots = new ArrayList<>();

    SmallFiles(Specimens specimens, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < NAMES; i++) {
            // listings are taken for paths that are not stored too
            String digest =
                    specimens.path(Origin.NOBODY.number(1_000_000 + i)).digest().toString();
            byte[] id = new byte[HASH_BYTES];
            random.nextBytes(id);
            String hash = HexFormat.of().formatHex(id);
            slots.add(new Slot("/log/" + digest + "-some+tool-1.0.drv"));
            slots.add(new Slot("/realisations/sha256:" + hash + "!out.doi"));
            slots.add(new Slot("/build-trace-v2/" + digest + "-tool.drv/out.doi"));
            slots.add(new Slot("/debuginfo/" + hash.substring(0, 2 * BUILD_ID_BYTES) + ".debug"));
            slots.add(new Slot("/" + digest + ".ls"));
        }
    }

    /** Puts or gets one. */
    void one(Turn turn) throws UnexpectedException, IOException {
        Slot slot = slots.get(turn.random().nextInt(slots.size()));
        if (!slot.busy.tryLock()) {
            return;
        }
        try {
            if (turn.chance(0.4)) {
                put(turn, slot);
            }
            byte[] expected = slot.contents;
            Answer got = turn.get(slot.url);
            Answer head = turn.head(slot.url);
            Scene.requireStatus(slot.url, got, expected == null ? 404 : 200);
            Scene.requireStatus("HEAD " + slot.url, head, expected == null ? 404 : 200);
            if (expected != null) {
                Scene.requireBytes(slot.url, expected, 0, expected.length, got);
            }
        } finally {
            slot.busy.unlock();
        }
    }

    private static void put(Turn turn, Slot slot) throws UnexpectedException, IOException {
        byte[] contents = new byte[1 + turn.random().nextInt(MOST_BYTES)];
        for (int i = 0; i < contents.length; i++) {
            contents[i] = (byte) ('0' + turn.random().nextInt(10));
        }
        contents[0] = '{';
        contents[contents.length - 1] = '}';
        Answer answer;
        if (slot.url.startsWith("/log/") && turn.chance(0.5)) {
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
                out.write(contents);
            }
            answer = turn.put(slot.url, Upload.of(packed.toByteArray()), "Content-Encoding: gzip");
        } else {
            answer = turn.put(slot.url, new Upload(contents, turn.chance(0.8), false, -1));
        }
        Scene.requireStatus("PUT " + slot.url, answer, 200, 201, 204);
        slot.contents = contents;
    }
}
