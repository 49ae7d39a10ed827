package dev.narsil.gateway.http;

import java.util.concurrent.atomic.LongAdder;

/** What a server counts while it runs. */
final class Traffic {

    final LongAdder narInfosServed = new LongAdder();
    final LongAdder narsServed = new LongAdder();
    final LongAdder narBytesRead = new LongAdder();
    final LongAdder narBytesSent = new LongAdder();
    final LongAdder corruptResponses = new LongAdder();
    final LongAdder lostResponses = new LongAdder();
    final LongAdder stalledResponses = new LongAdder();
    final LongAdder refusedRequests = new LongAdder();

    ServerCounters snapshot(int responsesInFlight, int connections) {
        return new ServerCounters(
                narInfosServed.sum(),
                narsServed.sum(),
                narBytesRead.sum(),
                narBytesSent.sum(),
                corruptResponses.sum(),
                lostResponses.sum(),
                stalledResponses.sum(),
                refusedRequests.sum(),
                responsesInFlight,
                connections);
    }
}
