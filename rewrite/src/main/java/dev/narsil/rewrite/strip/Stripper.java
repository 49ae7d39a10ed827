package dev.narsil.rewrite.strip;

import dev.narsil.rewrite.hash.NixBase32;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.util.Arrays;
import java.util.Objects;

/**
 * Turns a NAR into its stripped form as it arrives, by the rule of this package. How the NAR is split makes no
 * difference. Holds back the last bytes only, at most 32. Not safe for use by several threads.
 */
public final class Stripper {

    /** Bytes looked at in one go; with them in the first-level cache, stripping is fastest. */
    static final int BUFFER_BYTES = 1 << 14;

    private static final int RUN = Digest.LENGTH;
    private static final boolean[] DIGIT = digits();

    /** Takes the stripped NAR. */
    public interface Sink {

        /**
         * Takes the next bytes of the stripped NAR. All holes that overlap them are in {@link Stripper#holes()}. The
         * array belongs to the stripper again when the call ends.
         */
        void stripped(byte[] buffer, int off, int len) throws IOException;
    }

    private final byte[] prefix;
    private final Sink sink;
    private final HoleTable holes = new HoleTable();
    private final SlotTable slots = new SlotTable();

    /** What stood before {@link #passed} as it came, up to the length of the prefix; then what was held back. */
    private final byte[] buffer;

    private final byte[] lookBehind;

    /** Offset in the NAR of the first byte of the buffer. */
    private long bufferOffset;

    /** Index in the buffer of the first byte that was not passed on. */
    private int passed;

    /** Index in the buffer behind its last byte. */
    private int end;

    /** Number of holes in what was passed on. */
    private int holesPassed;

    /** Whether the byte before {@link #passed} is one of a run that is too long. */
    private boolean inLongRun;

    private boolean finished;

    /** A stripper of NARs whose store paths lie in {@code storeDir}. */
    public Stripper(StoreDir storeDir, Sink sink) {
        this.prefix = storeDir.prefix();
        this.sink = sink;
        this.lookBehind = new byte[prefix.length];
        this.buffer = new byte[prefix.length + RUN + BUFFER_BYTES];
    }

    /** The holes found so far. */
    public HoleTable holes() {
        return holes;
    }

    /** The digests found so far. */
    public SlotTable slots() {
        return slots;
    }

    /**
     * Takes the next bytes of the NAR, which it leaves as they are.
     *
     * @throws IllegalStateException after {@link #finish()}
     */
    public void write(byte[] data, int off, int len) throws IOException {
        Objects.checkFromIndexSize(off, len, data.length);
        requireUnfinished();
        int dataEnd = off + len;
        for (int at = off; at < dataEnd; ) {
            int n = Math.min(dataEnd - at, buffer.length - end);
            System.arraycopy(data, at, buffer, end, n);
            at += n;
            end += n;
            pass(scan());
        }
    }

    /** Ends the NAR and passes on what was held back. */
    public void finish() throws IOException {
        requireUnfinished();
        finished = true;
        if (end - passed == RUN && lastNonDigit(passed, end) < passed) {
            run(passed, false);
        }
        pass(end);
    }

    /**
     * Finds the holes behind {@link #passed} and returns the index up to which there can be no others. What stands
     * before the place looked at is no digit, unless it is of a run that is too long.
     */
    private int scan() {
        byte[] data = buffer;
        int at = passed;
        if (inLongRun) {
            at = firstNonDigit(at);
            if (at == end) {
                return end;
            }
            inLongRun = false;
            at++;
        }
        int last = end - RUN - 1;
        while (at <= last) {
            if (!DIGIT[data[at + RUN - 1] & 0xff]) {
                at += RUN;
                continue;
            }
            int nonDigit = lastNonDigit(at, at + RUN - 1);
            if (nonDigit >= at) {
                at = nonDigit + 1;
            } else if (!DIGIT[data[at + RUN] & 0xff]) {
                run(at, data[at + RUN] == '-');
                at += RUN + 1;
            } else {
                at = firstNonDigit(at + RUN);
                if (at == end) {
                    inLongRun = true;
                    return end;
                }
                at++;
            }
        }
        return at;
    }

    /** Decides on the run of exactly 32 digits at index {@code at}. */
    private void run(int at, boolean dashFollows) {
        long offset = bufferOffset + at;
        if (holes.size() >= 64 + offset / 64 || holes.size() >= HoleTable.MAX_HOLES) {
            return;
        }
        int slot = slots.find(buffer, at);
        if (slot < 0) {
            if (!dashFollows || !isAfterPrefix(at) || slots.size() >= SlotTable.MAX_SLOTS) {
                return;
            }
            slot = slots.add(buffer, at);
        }
        holes.add(offset, slot);
    }

    private boolean isAfterPrefix(int at) {
        int start = at - prefix.length;
        return start >= 0 && Arrays.equals(prefix, 0, prefix.length, buffer, start, at);
    }

    /** Passes on the bytes before index {@code decided} with their holes zeroed, and moves the rest to the front. */
    private void pass(int decided) throws IOException {
        int from = passed;
        if (decided == from) {
            return;
        }
        int kept = Math.min(prefix.length, decided);
        System.arraycopy(buffer, decided - kept, lookBehind, 0, kept);
        for (; holesPassed < holes.size(); holesPassed++) {
            int hole = (int) (holes.offset(holesPassed) - bufferOffset);
            Arrays.fill(buffer, hole, hole + RUN, (byte) 0);
        }
        sink.stripped(buffer, from, decided - from);
        System.arraycopy(lookBehind, 0, buffer, 0, kept);
        System.arraycopy(buffer, decided, buffer, kept, end - decided);
        bufferOffset += decided - kept;
        passed = kept;
        end = kept + (end - decided);
    }

    /** Index of the first byte at or behind {@code from} that is no digit; {@link #end} if there is none. */
    private int firstNonDigit(int from) {
        int at = from;
        while (at < end && DIGIT[buffer[at] & 0xff]) {
            at++;
        }
        return at;
    }

    /** Index of the last byte in [from, to) that is no digit; {@code from - 1} if there is none. */
    private int lastNonDigit(int from, int to) {
        int at = to - 1;
        while (at >= from && DIGIT[buffer[at] & 0xff]) {
            at--;
        }
        return at;
    }

    private void requireUnfinished() {
        if (finished) {
            throw new IllegalStateException("the NAR has ended");
        }
    }

    private static boolean[] digits() {
        boolean[] digits = new boolean[256];
        for (int b = 0; b < digits.length; b++) {
            digits[b] = NixBase32.isDigit((byte) b);
        }
        return digits;
    }
}
