package dev.narsil.gateway.replicas;

import dev.narsil.blockstore.ipfs.cid.Cid;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Asks trustless gateways for blocks drawn at random, and compares them with their CIDs. */
final class BlockSampler {

    /** Blocks of a path that are asked for, its manifest among them. */
    static final int SAMPLE = 4;

    /** Most bytes of a block (Bitswap's bound). */
    static final int MAX_BLOCK_BYTES = 2 << 20;

    private static final Map<String, String> HEADERS =
            Map.of("Accept", "application/vnd.ipld.raw", "Cache-Control", "only-if-cached");
    private static final int OK = 200;

    private final RandomGenerator random;

    BlockSampler(RandomGenerator random) {
        this.random = random;
    }

    /**
     * Asks for blocks.
     *
     * @param blocks all of a path, the manifest first
     * @return what is wrong; empty if all that were asked for came
     * @throws DonorException AWAY if the gateway does not answer
     */
    Optional<String> missing(DonorHttp http, URI gateway, List<Cid> blocks) throws IOException {
        for (Cid cid : draw(blocks)) {
            URI uri = gateway.resolve("ipfs/" + cid + "?format=raw");
            DonorHttp.Response response = http.send(HttpMethod.GET, uri, HEADERS, null, MAX_BLOCK_BYTES);
            if (response.status() != OK) {
                return Optional.of("it gave no block " + cid + ": HTTP status " + response.status());
            }
            if (!cid.isOf(response.body(), 0, response.body().length)) {
                return Optional.of("it gave wrong bytes for " + cid);
            }
        }
        return Optional.empty();
    }

    private List<Cid> draw(List<Cid> blocks) {
        List<Cid> rest = new ArrayList<>(blocks.subList(1, blocks.size()));
        rest.removeIf(Cid::isIdentity);
        List<Cid> drawn = new ArrayList<>(List.of(blocks.getFirst()));
        for (int i = 0; i < rest.size() && drawn.size() < SAMPLE; i++) {
            Collections.swap(rest, i, i + random.nextInt(rest.size() - i));
            drawn.add(rest.get(i));
        }
        return drawn;
    }
}
