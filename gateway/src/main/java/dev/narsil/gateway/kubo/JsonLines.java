package dev.narsil.gateway.kubo;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The JSON objects of an answer, one to a line, read one by one: any number of them, each of a bounded length. */
final class JsonLines {

    /** Most bytes of a line. */
    static final int MAX_LINE_BYTES = 64 << 10;

    private static final int FIRST_BYTES = 4 << 10;

    private final Answer answer;
    private byte[] buffer = new byte[FIRST_BYTES];
    private int start;
    private int end;

    JsonLines(Answer answer) {
        this.answer = answer;
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
                        return JsonFields.parse(answer, line, line.length);
                    }
                }
            }
            searched = makeRoom();
            int read = answer.read(buffer, end, buffer.length - end);
            if (read < 0) {
                if (end > start) {
                    throw answer.unintelligible("it ends within a line");
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
            throw answer.unintelligible("a line of more than " + MAX_LINE_BYTES + " bytes");
        }
        byte[] target = length < buffer.length / 2 ? buffer : new byte[buffer.length * 2];
        System.arraycopy(buffer, start, target, 0, length);
        buffer = target;
        start = 0;
        end = length;
        return length;
    }
}
