package dev.narsil.benchmarks.newer;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;

/** What was uploaded comes down: as the cache names it and as the client named it, whole, in parts, and resumed. */
final class Downloads {

    private static final int CUTS = 3;

    private final WireClient client;
    private final SplittableRandom random;
    private int resumed;

    Downloads(WireClient client, SplittableRandom random) {
        this.client = client;
        this.random = random;
    }

    int resumed() {
        return resumed;
    }

    /** Fetches the narinfo and the NAR of a path, in both forms, and checks every byte. */
    void check(MadePath path) throws IOException {
        String narInfo = new String(
                client.get(path.narInfoPath()).expect("GET of a narinfo", 200).body(),
                java.nio.charset.StandardCharsets.US_ASCII);
        for (String line : path.narInfo().split("\n", -1)) {
            if (line.startsWith("StorePath:")
                    || line.startsWith("NarHash:")
                    || line.startsWith("NarSize:")
                    || line.startsWith("References:")) {
                BrokenRuleException.unless(
                        narInfo.lines().anyMatch(line::equals), "'" + line + "' is not in the narinfo:\n" + narInfo);
            }
        }
        file(value(narInfo, "URL"), value(narInfo, "Compression"), path);
        file(path.filePath(), "zstd", path);
    }

    private static String value(String narInfo, String key) {
        return narInfo.lines()
                .filter(line -> line.startsWith(key + ": "))
                .map(line -> line.substring(key.length() + 2))
                .findFirst()
                .orElseThrow(() -> new BrokenRuleException("no " + key + " in the narinfo:\n" + narInfo));
    }

    private void file(String name, String compression, MadePath path) throws IOException {
        Reply whole = client.get(name).expect("GET " + name, 200);
        byte[] bytes = whole.body();
        BrokenRuleException.unless(
                Arrays.equals(decode(compression, bytes), path.nar()), "GET " + name + ": another NAR");
        BrokenRuleException.unless(
                Arrays.equals(bytes, client.get(name).expect("GET " + name, 200).body()),
                name + ": other bytes the second time");
        String tag = whole.field("ETag");
        BrokenRuleException.unless(tag.startsWith("\""), name + ": no strong ETag: " + tag);
        BrokenRuleException.unless(whole.field("Accept-Ranges").equals("bytes"), name + ": no Accept-Ranges");
        Reply head = client.head(name).expect("HEAD " + name, 200);
        for (String field : new String[] {"Content-Length", "ETag", "Accept-Ranges", "Content-Type"}) {
            BrokenRuleException.unless(
                    head.field(field).equals(whole.field(field)),
                    name + ": " + field + " of HEAD is '" + head.field(field) + "', of GET '" + whole.field(field)
                            + "'");
        }
        client.get(name, "If-None-Match: " + tag).expect("GET " + name + " that the client has", 304);
        ranges(name, bytes, tag);
        resume(name, bytes, tag);
    }

    private void ranges(String name, byte[] bytes, String tag) throws IOException {
        int from = random.nextInt(bytes.length);
        int to = from + random.nextInt(bytes.length - from);
        part(name, bytes, tag, from + "-", from, bytes.length);
        part(name, bytes, tag, from + "-" + to, from, to + 1);
        part(name, bytes, tag, "-" + (bytes.length - from), from, bytes.length);
        part(name, bytes, tag, from + "-99999999999", from, bytes.length);
        Reply beyond =
                client.get(name, "Range: bytes=" + bytes.length + "-").expect("GET beyond the end of " + name, 416);
        BrokenRuleException.unless(
                beyond.field("Content-Range").equals("bytes */" + bytes.length), name + ": 416 with " + beyond.head());
        Reply changed = client.get(name, "Range: bytes=" + from + "-", "If-Range: \"another\"")
                .expect("GET of a range of what has changed", 200);
        BrokenRuleException.unless(
                Arrays.equals(changed.body(), bytes), name + ": not the whole file when it has changed");
    }

    private void part(String name, byte[] bytes, String tag, String range, int from, int to) throws IOException {
        Reply part =
                client.get(name, "Range: bytes=" + range, "If-Range: " + tag).expect(name + " bytes=" + range, 206);
        BrokenRuleException.unless(part.field("ETag").equals(tag), name + ": another ETag on a range");
        BrokenRuleException.unless(
                part.field("Content-Range").equals("bytes " + from + "-" + (to - 1) + "/" + bytes.length),
                name + " bytes=" + range + ": Content-Range " + part.field("Content-Range"));
        BrokenRuleException.unless(
                Arrays.equals(part.body(), 0, part.body().length, bytes, from, to),
                name + " bytes=" + range + ": other bytes");
    }

    /** Downloads with connections that end early, as a client resumes: from the byte it has, if the tag is the same. */
    private void resume(String name, byte[] bytes, String tag) throws IOException {
        byte[] got = client.cutGet(name, random.nextInt(bytes.length)).body();
        for (int i = 0; i < CUTS && got.length < bytes.length; i++) {
            Reply rest = client.get(name, "Range: bytes=" + got.length + "-", "If-Range: " + tag)
                    .expect("the rest of " + name, 206);
            int taken = i == CUTS - 1 ? rest.body().length : random.nextInt(rest.body().length + 1);
            int had = got.length;
            got = Arrays.copyOf(got, had + taken);
            System.arraycopy(rest.body(), 0, got, had, taken);
            resumed++;
        }
        BrokenRuleException.unless(Arrays.equals(got, bytes), name + ": other bytes after resuming");
    }

    private static byte[] decode(String compression, byte[] bytes) throws IOException {
        if (compression.equals("none")) {
            return bytes;
        }
        BrokenRuleException.unless(compression.equals("zstd"), "a compression nobody uploaded: " + compression);
        try (ZstdInputStream in = new ZstdInputStream(new ByteArrayInputStream(bytes)).setContinuous(false)) {
            return in.readAllBytes();
        }
    }
}
