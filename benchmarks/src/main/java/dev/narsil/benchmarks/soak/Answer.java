package dev.narsil.benchmarks.soak;

import dev.narsil.benchmarks.HttpHead;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What came back for a request.
 *
 * @param status HTTP status; 0 if no head came
 * @param body its bytes, as far as they came
 * @param continued whether {@code 100 Continue} came first
 * @param lost why the rest is missing; null if the answer is complete
 * @param left whether this client went away before the end
 */
record Answer(
        int status,
        HttpHead head,
        byte[] body,
        boolean continued,
        @Nullable String lost,
        boolean left) {

    private static final HttpHead NO_HEAD = new HttpHead("", java.util.List.of());

    static Answer lost(String reason) {
        return new Answer(0, NO_HEAD, new byte[0], false, reason, false);
    }

    boolean isComplete() {
        return lost == null && !left;
    }

    Optional<String> field(String name) {
        return head.field(name);
    }

    /** The status and what is wrong, for messages. */
    @Override
    public String toString() {
        String text = status + ", " + body.length + " bytes" + (lost == null ? "" : ", then: " + lost);
        return status >= 400
                ? text + ": " + new String(body, java.nio.charset.StandardCharsets.ISO_8859_1).strip()
                : text;
    }
}
