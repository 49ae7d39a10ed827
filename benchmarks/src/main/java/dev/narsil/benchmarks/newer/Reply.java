package dev.narsil.benchmarks.newer;

import dev.narsil.benchmarks.HttpHead;
import java.util.OptionalLong;

/**
 * What a cache said to a request.
 *
 * @param continued whether {@code 100 Continue} came before, so that the body was sent
 */
@SuppressWarnings("ArrayRecordComponent")
record Reply(int status, HttpHead head, byte[] body, boolean continued) {

    /** Returns this if its status is one of these, else says what was done. */
    Reply expect(String what, int... statuses) {
        for (int wanted : statuses) {
            if (status == wanted) {
                return this;
            }
        }
        throw new BrokenRuleException(
                what + ": status " + status + ", " + new String(body, java.nio.charset.StandardCharsets.UTF_8).strip());
    }

    String field(String name) {
        return head.field(name).orElse("");
    }

    long length() throws java.io.IOException {
        OptionalLong length = head.contentLength();
        BrokenRuleException.unless(length.isPresent(), "a response without Content-Length: " + head.first());
        return length.getAsLong();
    }
}
