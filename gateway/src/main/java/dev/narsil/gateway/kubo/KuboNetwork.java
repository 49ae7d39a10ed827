package dev.narsil.gateway.kubo;

import dev.narsil.blockstore.ipfs.cid.Cid;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a daemon does with other nodes: connections, who has a block, and IPNS names. All may take long, so none belongs
 * on the way of a request. Safe for use by many threads; methods behave as those of {@link KuboClient}.
 */
public final class KuboNetwork {

    /** Most providers that are asked for. */
    public static final int MAX_PROVIDERS = 100;

    /** The kind of event of a search that tells of providers. */
    private static final int PROVIDER_EVENT = 4;

    private final Rpc rpc;

    KuboNetwork(Rpc rpc) {
        this.rpc = rpc;
    }

    /** Connects the daemon to {@code multiaddr}, which ends in {@code /p2p/<peer>}. */
    public void connect(String multiaddr) throws IOException {
        var _ = rpc.object(command("swarm/connect").arg(multiaddr));
    }

    /** Returns whom the daemon is connected to. */
    public List<NetworkPeer> peers() throws IOException {
        List<NetworkPeer> peers = new ArrayList<>();
        for (JsonFields peer : rpc.object(command("swarm/peers")).objects("Peers")) {
            peers.add(new NetworkPeer(peer.text("Peer"), List.of(peer.text("Addr"))));
        }
        return peers;
    }

    /**
     * Returns nodes that say they have a block, at most {@code max}; none may be found.
     *
     * @param time for the search, after which it is a failure if nobody was found and the daemon still searches
     */
    public List<NetworkPeer> providers(Cid cid, int max, Duration time) throws IOException {
        if (max < 1 || max > MAX_PROVIDERS) {
            throw new IllegalArgumentException("max=" + max);
        }
        Command command = Command.of("routing/findprovs", time).arg(cid).option("num-providers", Integer.toString(max));
        Map<String, NetworkPeer> found = new LinkedHashMap<>();
        try (Exchange exchange = rpc.call(command)) {
            JsonLines lines = exchange.answer().lines();
            for (JsonFields event = lines.next(); event != null; event = lines.next()) {
                if (event.optionalCount("Type").orElse(-1) != PROVIDER_EVENT) {
                    continue;
                }
                for (JsonFields peer : event.objects("Responses")) {
                    String peerId = peer.text("ID");
                    found.put(peerId, new NetworkPeer(peerId, peer.texts("Addrs")));
                }
                if (found.size() >= max) {
                    break;
                }
            }
        } catch (KuboException e) {
            if (e.kind() != KuboException.Kind.LATE || found.isEmpty()) {
                throw e;
            }
        }
        return found.values().stream().limit(max).toList();
    }

    /**
     * Says that a name is {@code root} from now on; returns the name, {@code k51...}.
     *
     * @param key name of the key in the daemon, {@code self} for that of the node
     * @param lifetime how long others believe it
     * @param ttl how long others need not ask again
     */
    public String publishName(String key, Cid root, Duration lifetime, Duration ttl, Duration time) throws IOException {
        return rpc.object(Command.of("name/publish", time)
                        .arg("/ipfs/" + root)
                        .option("key", key)
                        .option("lifetime", lifetime.toSeconds() + "s")
                        .option("ttl", ttl.toSeconds() + "s")
                        .option("resolve", false)
                        .option("allow-offline", true))
                .text("Name");
    }

    /** Returns the path a name stands for, {@code /ipfs/<cid>}. */
    public String resolveName(String name, Duration time) throws IOException {
        return rpc.object(Command.of("name/resolve", time).arg(name).option("nocache", true))
                .text("Path");
    }

    private Command command(String name) {
        return Command.of(name, rpc.limits().call());
    }
}
