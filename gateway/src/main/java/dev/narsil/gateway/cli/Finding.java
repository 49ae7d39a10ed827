package dev.narsil.gateway.cli;

import java.util.Locale;

/**
 * What one check of {@code narsil doctor} found.
 *
 * @param status whether that is good
 * @param what what was checked
 * @param found what it is like
 * @param advice what to do; empty where nothing is to be done
 */
record Finding(Status status, String what, String found, String advice) {

    /** How good a finding is. */
    enum Status {
        OK,
        /** Narsil runs, but something will not work or is not as it should be. */
        WARN,
        /** Narsil does not run. */
        FAIL;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static Finding ok(String what, String found) {
        return new Finding(Status.OK, what, found, "");
    }

    static Finding warn(String what, String found, String advice) {
        return new Finding(Status.WARN, what, found, advice);
    }

    static Finding fail(String what, String found, String advice) {
        return new Finding(Status.FAIL, what, found, advice);
    }
}
