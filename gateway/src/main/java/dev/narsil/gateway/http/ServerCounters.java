package dev.narsil.gateway.http;

/**
 * What a server has done so far, counted at one moment.
 *
 * @param narInfosServed narinfos answered with 200, from the cache or not
 * @param narsServed NAR responses, whole or of a range, whose last byte went out
 * @param narBytesRead bytes read from the store for NAR responses
 * @param narBytesSent bytes of NAR that were handed to clients' sockets
 * @param corruptResponses NAR responses refused or reset because the store's bytes were wrong
 * @param lostResponses NAR responses whose client went away
 * @param stalledResponses NAR responses reset because the client took nothing for too long
 * @param refusedRequests requests answered with 503 because too many were in progress
 * @param responsesInFlight NAR responses in progress
 * @param connections open connections
 */
public record ServerCounters(
        long narInfosServed,
        long narsServed,
        long narBytesRead,
        long narBytesSent,
        long corruptResponses,
        long lostResponses,
        long stalledResponses,
        long refusedRequests,
        int responsesInFlight,
        int connections) {

    /** Returns these counters as one JSON object. */
    String toJson() {
        return "{\"status\":\"ok\",\"narInfosServed\":" + narInfosServed + ",\"narsServed\":" + narsServed
                + ",\"narBytesRead\":" + narBytesRead + ",\"narBytesSent\":" + narBytesSent + ",\"corruptResponses\":"
                + corruptResponses + ",\"lostResponses\":" + lostResponses + ",\"stalledResponses\":"
                + stalledResponses + ",\"refusedRequests\":" + refusedRequests + ",\"responsesInFlight\":"
                + responsesInFlight + ",\"connections\":" + connections + "}\n";
    }
}
