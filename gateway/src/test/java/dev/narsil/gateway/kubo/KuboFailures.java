package dev.narsil.gateway.kubo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** How tests look at failures. */
final class KuboFailures {

    private KuboFailures() {}

    /** Returns the failure of this kind that a call throws, told in one short line. */
    static KuboException failure(KuboException.Kind kind, ThrowingCallable call) {
        KuboException e = catchThrowableOfType(KuboException.class, call);
        assertThat(e).as("failure").isNotNull();
        assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
        assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThanOrEqualTo(KuboException.MAX_TOLD + 3);
        return e;
    }
}
