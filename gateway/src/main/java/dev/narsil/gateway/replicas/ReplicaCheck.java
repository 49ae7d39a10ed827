package dev.narsil.gateway.replicas;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreException;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.ipfs.PathDag;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.kubo.NetworkPeer;
import dev.narsil.gateway.replicas.Replica.State;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out what donors have of paths, in one round. For one thread. */
final class ReplicaCheck {

    /** For how long blocks that came once count, while the gateway they came from is away. */
    static final Duration PATIENCE = Duration.ofHours(48);

    /** Most copies of which samples are taken in a round; the rest are left for the next ones. */
    static final int MAX_SAMPLED = 2000;

    /** Most searches of the network in a round. */
    static final int MAX_SEARCHES = 50;

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaCheck.class);
    private static final Duration SEARCH_TIME = Duration.ofSeconds(10);
    private static final int PROVIDERS = 20;

    /** Most addresses of a donor that are tried. */
    private static final int MAX_CONNECTED = 3;

    private static final String PEER = "/p2p/";

    private final NarStore store;
    private final KuboClient kubo;
    private final RoundDonors donors;
    private final BlockSampler sampler;
    private final Duration reverify;
    private final Instant now;
    private int samplesLeft = MAX_SAMPLED;
    private int searchesLeft = MAX_SEARCHES;
    private @Nullable Digest listed;
    private List<Cid> blocks = List.of();

    /**
     * What looks at copies.
     *
     * @param reverify how old a verification may be that is not repeated
     */
    ReplicaCheck(
            NarStore store, KuboClient kubo, RoundDonors donors, BlockSampler sampler, Duration reverify, Instant now) {
        this.store = store;
        this.kubo = kubo;
        this.donors = donors;
        this.sampler = sampler;
        this.reverify = reverify;
        this.now = now;
    }

    /** Returns what is known of a copy now. */
    Replica look(Digest digest, Cid manifest, Replica replica) throws IOException {
        String name = replica.donor();
        if (!donors.isKnown(name)) {
            return replica.in(State.LOST, "it is not configured as a donor any more");
        }
        Optional<Optional<Holding>> told = donors.ask(name, donor -> donor.look(manifest));
        if (told.isEmpty()) {
            // what it said before is all there is; blocks may come all the same
            boolean had = replica.state() == State.CLAIMED || replica.state() == State.VERIFIED;
            return had ? examine(digest, manifest, replica, List.of()) : replica;
        }
        if (told.get().isEmpty()) {
            return replica.in(State.LOST, "the donor does not know of it any more");
        }
        return heard(digest, manifest, replica, told.get().get());
    }

    /** Returns what is known of a copy of which a donor has just told. */
    Replica heard(Digest digest, Cid manifest, Replica replica, Holding holding) throws IOException {
        return switch (holding.state()) {
            case QUEUED, PINNING -> replica.told(holding, State.ASKED);
            case FAILED -> replica.told(holding, State.FAILED);
            case PINNED -> {
                State before = replica.state();
                State state = before == State.VERIFIED || before == State.LOST ? before : State.CLAIMED;
                yield examine(digest, manifest, replica.told(holding, state), holding.delegates());
            }
        };
    }

    /** Takes a sample of a copy that its donor says it has, or looks for other signs of it. */
    private Replica examine(Digest digest, Cid manifest, Replica replica, List<String> delegates) throws IOException {
        URI gateway = donors.options(replica.donor()).gateway();
        if (gateway == null) {
            return replica.in(State.CLAIMED, announced(manifest, delegates));
        }
        Instant verified = replica.verified();
        boolean fresh = verified != null
                && replica.state() == State.VERIFIED
                && verified.plus(reverify).isAfter(now);
        if (fresh || samplesLeft == 0) {
            return replica;
        }
        List<Cid> known = blocks(digest, manifest);
        if (known.isEmpty()) {
            return replica.in(State.CLAIMED, "not verified: the store does not have it as it was published");
        }
        Optional<DonorHttp> http = donors.gateway(replica.donor());
        if (http.isPresent()) {
            samplesLeft--;
            try {
                Optional<String> wrong = sampler.missing(http.get(), gateway, known);
                return wrong.isEmpty() ? replica.verifiedAt(now) : replica.in(State.LOST, wrong.get());
            } catch (DonorException e) {
                donors.leaveGateway(replica.donor(), String.valueOf(e.getMessage()));
            }
        }
        boolean patient = verified != null && verified.plus(PATIENCE).isAfter(now);
        return replica.in(patient ? State.VERIFIED : State.LOST, "its gateway does not answer");
    }

    /** Tells whether the network names one of the addresses for the manifest. */
    private String announced(Cid manifest, List<String> delegates) throws InterruptedIOException {
        Set<String> peers = new HashSet<>();
        for (String address : delegates) {
            int peer = address.lastIndexOf(PEER);
            if (peer >= 0) {
                peers.add(address.substring(peer + PEER.length()));
            }
        }
        if (peers.isEmpty() || searchesLeft == 0) {
            return "";
        }
        searchesLeft--;
        try {
            for (NetworkPeer provider : kubo.network().providers(manifest, PROVIDERS, SEARCH_TIME)) {
                if (peers.contains(provider.peerId())) {
                    return "the network names its peer " + provider.peerId();
                }
            }
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            LOG.debug("who has {} cannot be told: {}", manifest, e.getMessage());
        }
        return "the network names none of its peers";
    }

    /** Lists the blocks of a path as the store knows them; none if it has another manifest now. */
    private List<Cid> blocks(Digest digest, Cid manifest) throws IOException {
        if (!digest.equals(listed)) {
            listed = digest;
            blocks = list(digest, manifest);
        }
        return blocks;
    }

    private List<Cid> list(Digest digest, Cid manifest) throws IOException {
        Optional<PathInfo> info = store.path(digest);
        if (info.isEmpty()) {
            return List.of();
        }
        try (PathDag dag = PathDag.open(store, info.get())) {
            return dag.manifest().equals(manifest) ? dag.blocks() : List.of();
        } catch (StoreException | FormatException e) {
            LOG.warn("copies of {} cannot be verified: {}", info.get().path(), e.getMessage());
            return List.of();
        }
    }

    /** Has the own daemon connected to who fetches for a donor, so that it finds the blocks at once. */
    void connect(List<String> delegates) throws InterruptedIOException {
        for (String address : delegates.stream()
                .filter(text -> text.startsWith("/") && text.contains(PEER))
                .limit(MAX_CONNECTED)
                .toList()) {
            try {
                kubo.network().connect(address);
                return;
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                LOG.debug("no connection to {}: {}", address, e.getMessage());
            }
        }
    }
}
