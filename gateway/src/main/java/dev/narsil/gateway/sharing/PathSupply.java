package dev.narsil.gateway.sharing;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.rewrite.path.Digest;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Where paths come from that the store lacks. Safe for use by many threads. */
public interface PathSupply {

    /** One that has nothing. */
    PathSupply NONE = new PathSupply() {
        @Override
        public CompletableFuture<Optional<PathInfo>> find(Digest digest) {
            return CompletableFuture.completedFuture(Optional.empty());
        }

        @Override
        public void bring(PathInfo info) throws IOException {
            throw new IOException("nobody is asked for paths");
        }
    };

    /** Returns what is said of a path by whoever has it and is trusted; empty if nobody does. Never blocks or fails. */
    CompletableFuture<Optional<PathInfo>> find(Digest digest);

    /**
     * Brings a path that was found into the store; returns when it is durable there. Blocks.
     *
     * @throws IOException if its NAR cannot be had or stored
     */
    void bring(PathInfo info) throws IOException, InterruptedException;
}
