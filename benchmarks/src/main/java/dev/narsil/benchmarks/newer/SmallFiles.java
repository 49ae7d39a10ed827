package dev.narsil.benchmarks.newer;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Narinfos, listings, logs and build traces, uploaded with a content coding as Nix 2.32 and later can. */
final class SmallFiles {

    private static final String[] CODINGS = {"gzip", "zstd", "xz"};

    private final WireClient client;
    private final SplittableRandom random;

    SmallFiles(WireClient client, SplittableRandom random) {
        this.client = client;
        this.random = random;
    }

    void check() throws IOException {
        for (String coding : CODINGS) {
            narInfo(coding);
            MadePath path = MadePath.of(random, "coded", 100, java.util.List.of());
            object(
                    "log/" + path.path().baseName() + ".drv",
                    coding,
                    "text/plain; charset=utf-8",
                    "building " + path.path() + "\n");
            object(
                    path.path().digest() + ".ls",
                    coding,
                    "application/json",
                    "{\"version\":1,\"root\":{\"type\":\"regular\",\"size\":1}}");
            object(
                    "build-trace-v2/" + path.path().baseName() + ".drv/out.doi",
                    coding,
                    "application/json",
                    "{\"outPath\":\"" + path.path().baseName() + "\",\"signatures\":[]}");
        }
        String drv = "sha256:c9a99db148d40853af1fd00ca1cf30d35b11bd84a332443156d67df29074ba88!out";
        object(
                "realisations/" + drv + ".doi",
                "",
                "application/json",
                "{\"dependentRealisations\":{},\"id\":\"" + drv + "\"}");
        // a plus is a plus, and a question mark belongs to the name
        object("log/0123456789abcdfghijklmnpqrsvwxyz-gtk+-a?b.drv", "", "text/plain", "what the builder said\n");
    }

    private void narInfo(String coding) throws IOException {
        MadePath path = MadePath.of(random, "coded-" + coding, 20_000, java.util.List.of());
        client.put(path.filePath(), path.file()).expect("PUT of a NAR", 200, 201, 204);
        client.put(path.narInfoPath(), encode(coding, path.narInfoBytes()), "Content-Encoding: " + coding)
                .expect("PUT of a narinfo in " + coding, 200, 201, 204);
        Reply reply = client.get(path.narInfoPath()).expect("GET of a narinfo that came in " + coding, 200);
        BrokenRuleException.unless(
                new String(reply.body(), StandardCharsets.US_ASCII)
                        .contains(path.narHash().toBase32()),
                "the narinfo that came in " + coding + " is another");
    }

    private void object(String name, String coding, String type, String text) throws IOException {
        byte[] plain = text.getBytes(StandardCharsets.UTF_8);
        client.head(name).expect("HEAD of what was not uploaded: " + name, 404);
        String[] fields = coding.isEmpty()
                ? new String[] {"Content-Type: " + type}
                : new String[] {"Content-Type: " + type, "Content-Encoding: " + coding};
        client.put(name, encode(coding, plain), fields).expect("PUT " + name, 200, 201, 204);
        Reply reply = client.get(name).expect("GET " + name, 200);
        BrokenRuleException.unless(
                Arrays.equals(reply.body(), plain), name + " comes back as another: " + reply.head());
        BrokenRuleException.unless(
                client.head(name).expect("HEAD " + name, 200).length() == plain.length,
                name + ": HEAD has another length");
    }

    private static byte[] encode(String coding, byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        switch (coding) {
            case "" -> out.writeBytes(plain);
            case "zstd" -> out.writeBytes(Zstd.compress(plain));
            case "gzip" -> {
                try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                    gzip.write(plain);
                }
            }
            default -> {
                try (XZOutputStream xz = new XZOutputStream(out, new LZMA2Options(0))) {
                    xz.write(plain);
                }
            }
        }
        return out.toByteArray();
    }
}
