package dev.narsil.gateway.kubo;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The JSON objects of an answer, one to a line, read one by one: any number of them, each of a bounded length. */
final class JsonLines {

    /** Most bytes of a line. */
    static final int MAX_LINE_BYTES = 64 << 10;

    private static final int FIRST_BYTES = 4 << 10;

    private final InputStream in;
    private final Function<String, KuboException> unintelligible;
    private byte[] buffer = new byte[FIRST_BYTES];
    private int start;
    private int end;

    /**
     * Those of a stream.
     *
     * @param unintelligible makes an error of what is wrong
     */
    JsonLines(InputStream in, Function<String, KuboException> unintelligible) {
        this.in = in;
        this.unintelligible = unintelligible;
    }

    /**
     * Waits for the next object; null at the end of the answer, which then is complete.
     *
     * @throws KuboException if a line is too long or anything else
     */
    @Nullable
    JsonFields next() throws IOException {
        int searched = start;
        while (true) {
            for (int i = searched; i < end; i++) {
                if (buffer[i] == '\n') {
                    byte[] line = Arrays.copyOfRange(buffer, start, i);
                    start = i + 1;
                    if (line.length > 0) {
                        return JsonFields.parse(line, unintelligible);
                    }
                }
            }
            searched = makeRoom();
            int read = in.read(buffer, end, buffer.length - end);
            if (read < 0) {
                if (end > start) {
                    throw unintelligible.apply("it ends within a line");
                }
                return null;
            }
            end += read;
        }
    }

    /** Moves what is not told yet to the front; returns where to search on. */
    private int makeRoom() throws IOException {
        int length = end - start;
        if (length > MAX_LINE_BYTES) {
            throw unintelligible.apply("a line of more than " + MAX_LINE_BYTES + " bytes");
        }
        byte[] target = length < buffer.length / 2 ? buffer : new byte[buffer.length * 2];
        System.arraycopy(buffer, start, target, 0, length);
        buffer = target;
        start = 0;
        end = length;
        return length;
    }
}
