package dev.narsil.gateway.replicas;

import dev.narsil.gateway.pinning.PinState;
import java.util.List;

/**
 * What a donor says of a CID it was asked to keep.
 *
 * @param requestId by which it knows the request; may be empty
 * @param state what has become of it
 * @param copies how many it has
 * @param delegates multiaddrs of who fetches and keeps for it
 * @param details words for people; may be empty
 */
record Holding(String requestId, PinState state, int copies, List<String> delegates, String details) {

    Holding {
        delegates = List.copyOf(delegates);
        details = details.replaceAll("\\p{Cntrl}+", " ");
    }
}
