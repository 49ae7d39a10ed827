package dev.narsil.gateway.source;

import java.time.Duration;

/**
 * What connections to web servers may take.
 *
 * @param connect until a connection is there
 * @param answer between sending a request and the head of its answer, redirections and the connection included
 * @param stall between two pieces of a body
 * @param connections most to one server at a time
 * @param redirections most of one request
 */
public record HttpLimits(Duration connect, Duration answer, Duration stall, int connections, int redirections) {

    private static final Duration PATIENT_CONNECT = Duration.ofSeconds(15);
    private static final int PATIENT_CONNECTIONS = 64;
    private static final int PATIENT_REDIRECTIONS = 10;

    /** For a job in the background, which waits {@code timeout} for a server. */
    static HttpLimits patient(Duration timeout) {
        return new HttpLimits(PATIENT_CONNECT, timeout, timeout, PATIENT_CONNECTIONS, PATIENT_REDIRECTIONS);
    }
}
