package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoredNar;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.Manifest;
import dev.narsil.blockstore.ipfs.NarBlocks;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.gateway.trustless.SharedBlock;
import dev.narsil.gateway.trustless.SharedPaths;
import dev.narsil.rewrite.hash.Sha256;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Context;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Serves by content what everybody may have: NARs by their SHA-256, and blocks by their CIDs as a trustless gateway
 * does.
 */
final class ContentEndpoint implements Endpoint {

    static final String RAW_TYPE = "application/vnd.ipld.raw";

    private static final String ANY_BYTES = "application/octet-stream";
    private static final String SHA256_FOLDER = "sha256/";
    private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

    private final NarStore store;
    private final SharedPaths shared;
    private final NarEndpoint nars;
    private final StoreThreads storeThreads;

    ContentEndpoint(NarStore store, SharedPaths shared, NarEndpoint nars, StoreThreads storeThreads) {
        this.store = store;
        this.shared = shared;
        this.nars = nars;
        this.storeThreads = storeThreads;
    }

    @Override
    public void serve(HttpServerRequest request, Context context, Target target) {
        int question = target.name().indexOf('?');
        String name = question < 0 ? target.name() : target.name().substring(0, question);
        String query = question < 0 ? "" : target.name().substring(question + 1);
        if (target.route() == Route.NAR_BY_HASH) {
            serveNar(request, context, name);
            return;
        }
        Cid cid;
        try {
            cid = Cid.parse(name);
        } catch (FormatException e) {
            Reply.text(request, 400, String.valueOf(e.getMessage()));
            return;
        }
        if (target.route() == Route.RASL) {
            nars.serve(request, context, "content " + cid, () -> content(cid));
            return;
        }
        request.response()
                .putHeader(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT)
                .putHeader("X-Content-Type-Options", "nosniff");
        Optional<BlockFormat> format = BlockFormat.of(query, request.headers().getAll(HttpHeaderNames.ACCEPT));
        if (format.isEmpty()) {
            Reply.text(
                    request,
                    406,
                    "served are format=raw and format=car, whole, or Accept: " + RAW_TYPE + " or " + CarFile.TYPE);
        } else if (format.get().car()) {
            nars.serve(
                    request, context, "CAR " + cid, () -> car(cid, format.get().scope()));
        } else {
            nars.serve(request, context, "block " + cid, () -> block(cid, RAW_TYPE));
        }
    }

    private void serveNar(HttpServerRequest request, Context context, String name) {
        String hex = name.startsWith(SHA256_FOLDER) ? name.substring(SHA256_FOLDER.length()) : "";
        if (!HEX.matcher(hex).matches()) {
            Reply.notFound(request, "not a hash: sha256/ and 64 hexadecimal digits in lower case are one");
            return;
        }
        Sha256 narHash = Sha256.of(HexFormat.of().parseHex(hex));
        nars.serve(request, context, "NAR " + narHash, () -> nar(narHash));
    }

    private Optional<NarFile> nar(Sha256 narHash) throws IOException, InterruptedException {
        return storeThreads.call(() -> shared.isShared(narHash)) ? nars.stored(narHash) : Optional.empty();
    }

    /** Finds what has the SHA-256 of a CID: a whole NAR, or a block. */
    private Optional<NarFile> content(Cid cid) throws IOException, InterruptedException {
        Optional<Sha256> hash = cid.codec() == Codec.RAW ? cid.sha256() : Optional.empty();
        Optional<NarFile> nar = hash.isEmpty() ? Optional.empty() : nar(hash.get());
        return nar.isPresent() ? nar : block(cid, ANY_BYTES);
    }

    private Optional<NarFile> block(Cid cid, String contentType) throws IOException, InterruptedException {
        Optional<SharedBlock> found = storeThreads.call(() -> shared.find(cid));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        return switch (found.get()) {
            case SharedBlock.Made made ->
                Optional.of(new BlockFile(cid, contentType, made.bytes().length, () -> Optional.of(made.bytes())));
            case SharedBlock.OfNar of ->
                blocks(of.narHash())
                        .flatMap(blocks -> blocks.length(cid)
                                .map(length -> new BlockFile(cid, contentType, length, () -> read(blocks, cid))));
        };
    }

    /** Finds the DAG below a CID. */
    private Optional<NarFile> car(Cid cid, BlockFormat.Scope scope) throws IOException, InterruptedException {
        Optional<SharedBlock> found = storeThreads.call(() -> shared.find(cid));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        return switch (found.get()) {
            case SharedBlock.Made made -> car(cid, scope, made.bytes());
            case SharedBlock.OfNar of -> {
                Optional<NarBlocks> blocks = blocks(of.narHash());
                yield blocks.isEmpty() ? Optional.empty() : Optional.of(car(cid, scope, null, blocks.get(), cid));
            }
        };
    }

    /** The DAG below a block that is in memory: a manifest has a NAR below it. */
    private Optional<NarFile> car(Cid cid, BlockFormat.Scope scope, byte[] made)
            throws IOException, InterruptedException {
        if (cid.codec() != Codec.DAG_CBOR || scope != BlockFormat.Scope.ALL) {
            List<CarFile.Block> alone = List.of(new CarFile.Block(cid, made.length));
            return Optional.of(new CarFile(
                    cid, scope.toString(), alone, () -> Optional.of(new OpenBlocks(cid, made, null, null))));
        }
        Manifest manifest = Manifest.decode(made);
        Optional<NarBlocks> blocks = blocks(manifest.toPathInfo().narHash());
        return blocks.isEmpty() ? Optional.empty() : Optional.of(car(cid, scope, made, blocks.get(), manifest.nar()));
    }

    private CarFile car(Cid cid, BlockFormat.Scope scope, byte @Nullable [] made, NarBlocks blocks, Cid top)
            throws IOException {
        List<CarFile.Block> all = new ArrayList<>();
        if (made != null) {
            all.add(new CarFile.Block(cid, made.length));
        }
        for (Cid below : scope == BlockFormat.Scope.BLOCK ? List.of(top) : blocks.below(top)) {
            all.add(new CarFile.Block(below, blocks.length(below).orElseThrow()));
        }
        return new CarFile(
                cid,
                scope.toString(),
                all,
                () -> storeThreads
                        .call(() -> store.openStored(blocks.narHash()))
                        .map(nar -> new OpenBlocks(cid, made, blocks, nar)));
    }

    /** The blocks of a CAR: one that is in memory, and those of a NAR. */
    @SuppressWarnings("ArrayRecordComponent")
    private record OpenBlocks(
            Cid root,
            byte @Nullable [] made,
            @Nullable NarBlocks blocks,
            @Nullable StoredNar nar) implements CarFile.Blocks {

        @Override
        public byte[] read(Cid cid) throws IOException {
            if (made != null && cid.equals(root)) {
                return made;
            }
            return Objects.requireNonNull(blocks)
                    .read(Objects.requireNonNull(nar), cid)
                    .orElseThrow();
        }

        @Override
        public void close() {
            if (nar != null) {
                nar.close();
            }
        }
    }

    private Optional<NarBlocks> blocks(Sha256 narHash) throws IOException, InterruptedException {
        NarBlocks known = shared.blocksIfKnown(narHash);
        return known != null ? Optional.of(known) : findOut(narHash);
    }

    private Optional<NarBlocks> findOut(Sha256 narHash) throws IOException, InterruptedException {
        Optional<StoredNar> stored = storeThreads.call(() -> store.openStored(narHash));
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        try (StoredNar nar = stored.get()) {
            return Optional.of(shared.blocks(nar));
        }
    }

    private Optional<byte[]> read(NarBlocks blocks, Cid cid) throws IOException, InterruptedException {
        Optional<StoredNar> stored = storeThreads.call(() -> store.openStored(blocks.narHash()));
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        try (StoredNar nar = stored.get()) {
            return blocks.read(nar, cid);
        }
    }

    /** A block that is read when it is sent. */
    private record BlockFile(Cid cid, String type, long size, Reading reading) implements NarFile {

        /** Gives the bytes; empty if they are not there any more. */
        interface Reading {
            Optional<byte[]> read() throws IOException, InterruptedException;
        }

        @Override
        public CharSequence contentType() {
            return type;
        }

        @Override
        public EntityTag tag() {
            return EntityTag.of(cid);
        }

        @Override
        public Optional<NarBody> open(long from, long length) throws IOException, InterruptedException {
            return reading.read().map(bytes -> NarBody.of(new NarSlice(bytes, (int) from, (int) length)));
        }
    }
}
