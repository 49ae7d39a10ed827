package dev.narsil.gateway.kubo;

import java.util.List;

/**
 * Another node of the network.
 *
 * @param peerId its name
 * @param addresses multiaddrs, as told; may be empty
 */
public record NetworkPeer(String peerId, List<String> addresses) {

    /** Copies the list. */
    public NetworkPeer {
        addresses = List.copyOf(addresses);
    }
}
