package dev.narsil.gateway.cli;

/** What the program's exit codes say. */
final class ExitCode {

    static final int OK = 0;

    /** Something failed, and what was printed says what. */
    static final int FAILED = 1;

    /** The command line is wrong. */
    static final int USAGE = 2;

    /** Something this program needs is missing ({@code EX_UNAVAILABLE} of sysexits.h). */
    static final int UNAVAILABLE = 69;

    /** Trying again later may help: locked, disk full ({@code EX_TEMPFAIL}). */
    static final int TEMPORARY = 75;

    private ExitCode() {}
}
