package dev.narsil.rewrite.testing;

import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Byte strings full of digests and of what nearly are some. */
public final class NearMisses {

    private static final List<Digest> DIGESTS = RandomNar.digests(32, 16);

    private NearMisses() {}

    /** Returns the byte string these instructions stand for: a piece for each, chosen by its low and its high half. */
    public static byte[] of(StoreDir storeDir, byte[] instructions) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte instruction : instructions) {
            String digest = DIGESTS.get((instruction >> 4) & 15).toString();
            int number = (instruction >> 4) & 15;
            String prefix = storeDir.path() + "/";
            String piece = switch (instruction & 15) {
                case 0, 1, 2 -> prefix + digest + "-";
                case 3 -> digest;
                case 4 -> digest + ' ';
                case 5 -> prefix + digest;
                case 6 -> prefix;
                case 7 -> digest + "-";
                case 8 -> prefix + digest.substring(1) + "-";
                case 9 -> prefix + digest + "z-";
                case 10 -> prefix.substring(number % prefix.length()) + digest + "-";
                case 11 -> "zyx0123456789".repeat(number);
                case 12 -> "\0".repeat(number * 5);
                case 13 -> String.valueOf((char) ('a' + number));
                case 14 -> "e" + digest.substring(number);
                default -> " ./-\n\u00ff".substring(number % 6);
            };
            out.writeBytes(piece.getBytes(StandardCharsets.ISO_8859_1));
        }
        return out.toByteArray();
    }
}
