package dev.narsil.gateway.cli;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.ipfs.IpfsNames;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints what is known of one store path. */
@Command(
        name = "path-info",
        description = "Shows what is known of a store path.",
        footer = {"", "Example: narsil path-info --json /nix/store/<digest>-hello-2.12"})
final class PathInfoCommand implements StoreCommand {

    @Parameters(
            paramLabel = "STORE_PATH",
            converter = StorePathArgument.Converter.class,
            description = "A full path, its base name or its 32-character digest.")
    private @Nullable StorePathArgument path;

    @Option(names = "--json", description = "Print one JSON object with all fields.")
    private boolean json;

    @Override
    public StoreUse use() {
        return StoreUse.REQUIRE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        StoreDir storeDir = invocation.store().storeDir();
        PathInfo info = Arguments.required(path).find(invocation.store());
        if (json) {
            invocation.print(document(info, storeDir, IpfsNames.of(invocation.store(), info)));
        } else {
            invocation.print(text(info, storeDir));
        }
        return ExitCode.OK;
    }

    private static JsonObject document(PathInfo info, StoreDir storeDir, IpfsNames names) {
        JsonArray references = new JsonArray();
        info.references().forEach(reference -> references.add(reference.in(storeDir)));
        return new JsonObject()
                .put("path", info.path().in(storeDir))
                .put("narHash", info.narHash().toString())
                .put("narHashText", info.narHashText())
                .put("narSize", info.narSize())
                .put("references", references)
                .put("deriver", info.deriver())
                .put("system", info.system())
                .put("signatures", array(info.signatures()))
                .put("ca", info.contentAddress())
                .put("extraLines", array(info.extraLines()))
                .put("narCid", text(names.nar()))
                .put("manifestCid", text(names.manifest()))
                .put("publishedSince", text(names.publishedSince()));
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : value.toString();
    }

    private static JsonArray array(Iterable<String> texts) {
        JsonArray array = new JsonArray();
        texts.forEach(array::add);
        return array;
    }

    private static String text(PathInfo info, StoreDir storeDir) {
        StringBuilder text = new StringBuilder();
        field(text, "path", info.path().in(storeDir));
        field(text, "NAR hash", info.narHash().toString());
        field(text, "NAR size", Units.count(info.narSize()) + " bytes (" + Units.bytes(info.narSize()) + ")");
        String label = "references";
        if (info.references().isEmpty()) {
            field(text, label, "none");
        }
        for (StorePath reference : info.references()) {
            field(text, label, reference.in(storeDir));
            label = "";
        }
        field(text, "deriver", info.deriver());
        field(text, "system", info.system());
        info.signatures().forEach(signature -> field(text, "signature", signature));
        field(text, "content address", info.contentAddress());
        info.extraLines().forEach(line -> field(text, "also", line));
        return text.toString();
    }

    private static void field(StringBuilder text, String label, @Nullable String value) {
        if (value != null) {
            text.append(String.format("%-15s  %s%n", label, value));
        }
    }
}
