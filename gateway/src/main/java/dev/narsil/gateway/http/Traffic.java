package dev.narsil.gateway.http;

import dev.narsil.gateway.metrics.Metrics;
import java.util.concurrent.atomic.LongAdder;

/** What a server counts while it runs. */
final class Traffic {

    final LongAdder narInfosFromMemory = new LongAdder();
    final LongAdder narInfosFromStore = new LongAdder();
    final LongAdder narInfosFromUpstreams = new LongAdder();
    final LongAdder narInfosMissed = new LongAdder();
    final LongAdder narsServed = new LongAdder();
    final LongAdder narBytesRead = new LongAdder();
    final LongAdder narBytesSent = new LongAdder();
    final LongAdder corruptResponses = new LongAdder();
    final LongAdder lostResponses = new LongAdder();
    final LongAdder stalledResponses = new LongAdder();
    final LongAdder refusedRequests = new LongAdder();

    /** Registers all of these. */
    void register(Metrics metrics) {
        narInfos(metrics, "memory", narInfosFromMemory);
        narInfos(metrics, "store", narInfosFromStore);
        narInfos(metrics, "upstreams", narInfosFromUpstreams);
        narInfos(metrics, "nobody", narInfosMissed);
        metrics.counter("narsil.nar.served", "NAR responses whose last byte went out", narsServed::sum);
        metrics.counter("narsil.nar.read.bytes", "Bytes read from the store for NAR responses", narBytesRead::sum);
        metrics.counter("narsil.nar.sent.bytes", "Bytes of NAR handed to clients' sockets", narBytesSent::sum);
        metrics.counter(
                "narsil.responses.corrupt",
                "Responses refused or reset as stored bytes were wrong",
                corruptResponses::sum);
        metrics.counter("narsil.responses.lost", "Responses whose client went away", lostResponses::sum);
        metrics.counter(
                "narsil.responses.stalled", "Responses whose client took nothing for too long", stalledResponses::sum);
        metrics.counter(
                "narsil.requests.refused", "Requests refused because too many were in progress", refusedRequests::sum);
    }

    private static void narInfos(Metrics metrics, String from, LongAdder count) {
        metrics.counter("narsil.narinfo.lookups", "Narinfos asked for, by who had them", count::sum, "from", from);
    }

    ServerCounters snapshot(int responsesInFlight, int connections) {
        return new ServerCounters(
                narInfosFromMemory.sum() + narInfosFromStore.sum() + narInfosFromUpstreams.sum(),
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
