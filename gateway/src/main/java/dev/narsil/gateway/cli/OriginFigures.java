package dev.narsil.gateway.cli;

import dev.narsil.gateway.download.DownloadState;
import dev.narsil.gateway.ipfs.fetch.FetchState;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * Where the NARs came from that clients of a running server wanted, as {@code narsil stats} tells it.
 *
 * @param downloads what downloads have done; empty where no server runs
 * @param fetched what was fetched from IPFS; empty where nothing is
 */
record OriginFigures(Optional<DownloadState> downloads, Optional<FetchState> fetched) {

    /** Returns an object to which what is known is added. */
    JsonObject addTo(JsonObject document) {
        downloads.ifPresent(state -> document.put(
                "won",
                new JsonObject()
                        .put("store", state.wonByStore())
                        .put("http", state.wonByHttp())
                        .put("ipfs", state.wonByIpfs())));
        fetched.ifPresent(state -> document.put(
                "ipfs",
                new JsonObject()
                        .put("opened", state.opened())
                        .put("misses", state.misses())
                        .put("lies", state.lies())
                        .put("failures", state.failures())
                        .put("fetchedBlocks", state.blocks())
                        .put("fetchedBytes", state.bytes())
                        .put("localBlocks", state.localBlocks())
                        .put("localBytes", state.localBytes())));
        return document;
    }

    /** Returns lines of text; none where no server runs. */
    String print() {
        Table table = new Table();
        downloads.ifPresent(state -> table.row(
                "NARs served from",
                "store " + Units.count(state.wonByStore()),
                "upstreams " + Units.count(state.wonByHttp()),
                "IPFS " + Units.count(state.wonByIpfs())));
        fetched.ifPresent(state -> table.row(
                "blocks from IPFS",
                Units.count(state.blocks()),
                Units.bytes(state.bytes()),
                Units.bytes(state.localBytes()) + " more were here"));
        return table.print();
    }
}
