package dev.narsil.rewrite.strip;

import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.testing.Splits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A stripped NAR with its tables; equal if the bytes, the holes and the digests are. */
record Stripped(String hex, List<String> holes, List<String> digests) {

    private static final String ALPHABET = "0123456789abcdfghijklmnpqrsvwxyz";

    /** How a NAR is fed. */
    interface Feeding {
        void feed(Splits.Feed<IOException> feed) throws IOException;
    }

    static Stripped whole(StoreDir storeDir, byte[] nar) {
        return of(storeDir, feed -> feed.feed(nar, 0, nar.length));
    }

    static Stripped of(StoreDir storeDir, Feeding feeding) {
        Collector collector = new Collector(storeDir);
        try {
            feeding.feed(collector.stripper::write);
            collector.stripper.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return of(collector.out.toByteArray(), collector.stripper.holes(), collector.stripper.slots());
    }

    private static Stripped of(byte[] bytes, HoleTable table, SlotTable slots) {
        List<String> holes = new ArrayList<>();
        for (int i = 0; i < table.size(); i++) {
            holes.add(table.offset(i) + ":" + table.slot(i));
        }
        List<String> digests = new ArrayList<>();
        for (int i = 0; i < slots.size(); i++) {
            digests.add(slots.digest(i).toString());
        }
        return new Stripped(HexFormat.of().formatHex(bytes), holes, digests);
    }

    /** The rule of the package, read off its text without regard to time and memory. */
    static Stripped byTheRule(StoreDir storeDir, byte[] nar) {
        String text = new String(nar, StandardCharsets.ISO_8859_1);
        byte[] bytes = nar.clone();
        List<String> holes = new ArrayList<>();
        Map<String, Integer> slots = new LinkedHashMap<>();
        int start = 0;
        while (start < text.length()) {
            int end = start;
            while (end < text.length() && ALPHABET.indexOf(text.charAt(end)) >= 0) {
                end++;
            }
            if (end - start == 32 && holes.size() < 64 + start / 64) {
                String run = text.substring(start, end);
                boolean anchored =
                        text.startsWith("-", end) && text.substring(0, start).endsWith(storeDir.path() + "/");
                if (anchored || slots.containsKey(run)) {
                    slots.putIfAbsent(run, slots.size());
                    holes.add(start + ":" + slots.get(run));
                    for (int i = start; i < end; i++) {
                        bytes[i] = 0;
                    }
                }
            }
            start = end + 1;
        }
        return new Stripped(HexFormat.of().formatHex(bytes), holes, List.copyOf(slots.keySet()));
    }

    /** Returns the NAR this was. */
    byte[] restored() {
        HoleTable table = new HoleTable();
        SlotTable slots = new SlotTable();
        for (String digest : digests) {
            slots.add(digest.getBytes(StandardCharsets.US_ASCII), 0);
        }
        for (String hole : holes) {
            int colon = hole.indexOf(':');
            table.add(Long.parseLong(hole.substring(0, colon)), Integer.parseInt(hole.substring(colon + 1)));
        }
        byte[] bytes = HexFormat.of().parseHex(hex);
        new Restorer(table, slots).restore(bytes, 0, bytes.length);
        return bytes;
    }

    /** Keeps what comes out, and checks that the holes in it were told of before. */
    private static final class Collector {

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final Stripper stripper;
        private int toldOf;

        private Collector(StoreDir storeDir) {
            this.stripper = new Stripper(storeDir, this::stripped);
        }

        private void stripped(byte[] buffer, int off, int len) {
            HoleTable holes = stripper.holes();
            for (; toldOf < holes.size(); toldOf++) {
                if (holes.offset(toldOf) < out.size()) {
                    throw new AssertionError("hole at " + holes.offset(toldOf) + " told of at " + out.size());
                }
            }
            out.write(buffer, off, len);
            Arrays.fill(buffer, off, off + len, (byte) '#');
        }
    }
}
