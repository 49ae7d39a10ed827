package dev.narsil.gateway.kubo;

import java.util.List;

/**
 * Who a daemon is in the network.
 *
 * @param peerId its name
 * @param addresses multiaddrs it is reached at, each with {@code /p2p/<peerId>}
 * @param agent its program and version
 */
public record KuboIdentity(String peerId, List<String> addresses, String agent) {

    /** Copies the list. */
    public KuboIdentity {
        addresses = List.copyOf(addresses);
    }
}
