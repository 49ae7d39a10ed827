package dev.narsil.gateway.control;

/** Runs the commands that arrive on a control socket. Called from many threads, which may block. */
@FunctionalInterface
public interface CommandRunner {

    /** Runs one command to its end and returns its exit code, 0 to 255. What goes wrong is told on its error stream. */
    int run(ControlRequest request, CommandStreams streams);
}
