package dev.narsil.gateway.trustless;

import dev.narsil.blockstore.ipfs.cid.PeerId;
import dev.narsil.rewrite.hash.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * This server as a delegated router tells of it: a peer that gives blocks by HTTP.
 *
 * @param addresses where it is reached, as multiaddrs such as {@code /ip4/192.168.1.2/tcp/7745/http}; none if it tells
 *     nobody
 */
public record Provider(List<String> addresses) {

    /** What it speaks, in the words of routers. */
    public static final String PROTOCOL = "transport-ipfs-gateway-http";

    private static final Pattern ADDRESS =
            Pattern.compile("/(ip4|ip6|dns|dns4|dns6)/[0-9A-Za-z.:-]{1,253}/tcp/[0-9]{1,5}/(http|https|tls/http)");

    /**
     * The server at these addresses.
     *
     * @throws IllegalArgumentException if one is no multiaddr of HTTP over TCP
     */
    public Provider {
        addresses = List.copyOf(addresses);
        for (String address : addresses) {
            if (!ADDRESS.matcher(address).matches()) {
                throw new IllegalArgumentException(
                        "'" + address + "' is not an address such as /ip4/192.168.1.2/tcp/7745/http");
            }
        }
    }

    /** Returns the record of it, one line of JSON. */
    public String toJson() {
        Sha256 seed = Sha256.hash(("narsil " + String.join(" ", addresses)).getBytes(StandardCharsets.US_ASCII));
        String quoted = addresses.stream().map(Provider::quoted).collect(Collectors.joining(","));
        return "{\"Schema\":\"peer\",\"ID\":" + quoted(PeerId.ofNobody(seed).text()) + ",\"Addrs\":[" + quoted
                + "],\"Protocols\":[" + quoted(PROTOCOL) + "]}";
    }

    /** Returns it as JSON; none of the texts has a character to escape. */
    private static String quoted(String text) {
        return '"' + text + '"';
    }
}
