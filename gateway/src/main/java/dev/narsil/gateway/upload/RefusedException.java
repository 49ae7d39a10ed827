package dev.narsil.gateway.upload;

import java.io.IOException;

/** Ends an upload with a verdict. */
final class RefusedException extends IOException {

    private static final long serialVersionUID = 1L;

    private final transient Verdict verdict;

    RefusedException(Verdict verdict) {
        super(verdict.text());
        this.verdict = verdict;
    }

    Verdict verdict() {
        return verdict;
    }
}
