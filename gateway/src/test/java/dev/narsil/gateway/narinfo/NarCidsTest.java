package dev.narsil.gateway.narinfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.rewrite.path.StoreDir;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NarCidsTest {

    private static final StoreDir STORE_DIR = StoreDir.DEFAULT;
    private static final Cid MANIFEST = cid(Codec.DAG_CBOR, "manifest");
    private static final Cid NAR = cid(Codec.DAG_PB, "nar");
    private static final NarCids CIDS = new NarCids(MANIFEST, NAR);
    private static final String HASH = "08b557fqkzahgiadnl969sq8rrp2l7y1niwb84cnsksybrjrppb2";
    private static final String PATH = "StorePath: /nix/store/9n4c3zysg0zr27gw3a8kfp6xfa8zk6gz-demo\n";
    private static final String SIGNED = "NarHash: sha256:" + HASH + "\nNarSize: 696\nReferences: \n"
            + "Sig: test-1:5q/hDX0a8e+FpCdo0hiv3AFmKbLKWOqIJF3USQ4z8diIibH8lqXSIrPpw9aqANpE2sME4tR6f3tq87D+1IODDQ==\n";
    private static final String HTTP = "URL: nar/a.nar.xz\nCompression: xz\n";

    private static Cid cid(Codec codec, String block) {
        return Cid.hash(codec, block.getBytes(StandardCharsets.UTF_8));
    }

    private static NarInfo parse(String text) throws NarInfoException {
        return NarInfo.parse(STORE_DIR, text);
    }

    private static String ipfs(Cid cid) {
        return "URL: ipfs://" + cid + "\nCompression: none\n";
    }

    @Test
    void cids_fieldIsThere_areThose() throws Exception {
        NarInfo narInfo = parse(PATH + HTTP + SIGNED + "X-Narsil-Cid: " + MANIFEST + " " + NAR + "\n");

        assertThat(narInfo.cids()).contains(CIDS);
        assertThat(narInfo.print(STORE_DIR)).endsWith("==\nX-Narsil-Cid: " + MANIFEST + " " + NAR + "\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<m>",
                "<m> <n> ",
                "<m>  <n>",
                " <m> <n>",
                "<n> <m>",
                "<m> <m>",
                "<m> <n> <n>",
                "<m>\t<n>",
                "",
                "<m> bafkqaaa",
                "<m> x",
                "<m><m> <n>",
                "<m> <n>\nX-Narsil-Cid: <m> <n>"
            })
    void cids_malformedOrTwice_areNoneButTheLineIsKept(String value) throws Exception {
        String text =
                "X-Narsil-Cid: " + value.replace("<m>", MANIFEST.toString()).replace("<n>", NAR.toString()) + "\n";
        NarInfo narInfo = parse(PATH + HTTP + SIGNED + text);

        assertThat(narInfo.cids()).isEmpty();
        assertThat(narInfo.print(STORE_DIR)).endsWith(text);
    }

    @Test
    void withCids_othersWereTold_replacesThemAndNothingElse() throws Exception {
        NarInfo narInfo = parse(PATH + HTTP + SIGNED + "X-Narsil-Cid: " + MANIFEST + " " + MANIFEST + "\nOther: 1\n");

        NarInfo told = narInfo.withCids(CIDS);

        assertThat(told.cids()).contains(CIDS);
        assertThat(told.pathInfo().extraLines()).containsExactly("Other: 1", "X-Narsil-Cid: " + MANIFEST + " " + NAR);
        assertThat(Fingerprint.asGiven(told.pathInfo(), STORE_DIR))
                .isEqualTo(Fingerprint.asGiven(narInfo.pathInfo(), STORE_DIR));
        assertThat(told.pathInfo().signatures()).isEqualTo(narInfo.pathInfo().signatures());
    }

    @Test
    void parse_onlyUrlIsOfIpfs_isTheNar() throws Exception {
        NarInfo narInfo = parse(PATH + ipfs(NAR) + SIGNED);

        assertThat(narInfo.ipfsUrl()).isEqualTo(NAR);
        assertThat(narInfo.hasFile()).isFalse();
        assertThat(narInfo.compression()).isEqualTo("none");
        assertThat(parse(narInfo.print(STORE_DIR))).isEqualTo(narInfo);
    }

    @Test
    void parse_compressionBeforeTheOnlyUrl_isOfIt() throws Exception {
        NarInfo narInfo = parse(PATH + "FileSize: 5\nCompression: none\nURL: ipfs://" + NAR + "\n" + SIGNED);

        assertThat(narInfo.ipfsUrl()).isEqualTo(NAR);
        assertThat(narInfo.fileSize()).isEqualTo(5);
    }

    @Test
    void parse_urlsAsGuixHasThem_isTheLastFileAndTheUncompressedNarInIpfs() throws Exception {
        Cid gzip = cid(Codec.DAG_PB, "gzip");
        String text = PATH + "URL: nar/gzip/a\nCompression: gzip\nFileSize: 1\n"
                + "URL: ipfs://" + gzip + "\nCompression: gzip\nFileSize: 1\n"
                + "URL: ipfs://" + NAR + "\nCompression: none\nFileSize: 696\n"
                + "URL: nar/zstd/a\nCompression: zstd\nFileSize: 2\n"
                + "URL: ipfs://" + gzip + "\nCompression: zstd\nFileSize: 2\n" + SIGNED;

        NarInfo narInfo = parse(text);

        assertThat(narInfo.url()).isEqualTo("nar/zstd/a");
        assertThat(narInfo.compression()).isEqualTo("zstd");
        assertThat(narInfo.fileSize()).isEqualTo(2);
        assertThat(narInfo.ipfsUrl()).isEqualTo(NAR);
        assertThat(narInfo.hasFile()).isTrue();
        assertThat(parse(narInfo.print(STORE_DIR))).isEqualTo(narInfo);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "URL: ipfs://N\nCompression: zstd\n",
                "URL: ipfs://N\n",
                "URL: ipfs://N/a\nCompression: none\n",
                "URL: ipfs://\nCompression: none\n",
                "URL: ipfs://bafkqaaa\nCompression: none\n"
            })
    void parse_urlOfIpfsThatIsNoUncompressedNar_isRefusedAloneAndIgnoredBesideAnother(String urls) throws Exception {
        String text = urls.replace("://N", "://" + NAR);

        assertThatThrownBy(() -> parse(PATH + text + SIGNED))
                .isInstanceOf(NarInfoException.class)
                .hasMessageContaining("the only URL, 'ipfs://");

        NarInfo narInfo = parse(PATH + text + HTTP + SIGNED);
        assertThat(narInfo.ipfsUrl()).isNull();
        assertThat(narInfo.url()).isEqualTo("nar/a.nar.xz");
        assertThat(narInfo.compression()).isEqualTo("xz");
    }

    @Test
    void inIpfs_printed_parsesTheSame() throws Exception {
        NarInfo narInfo = NarInfo.inIpfs(parse(PATH + HTTP + SIGNED).pathInfo(), CIDS);

        assertThat(narInfo.cids()).contains(CIDS);
        assertThat(narInfo.hasFile()).isFalse();
        assertThat(parse(narInfo.print(STORE_DIR))).isEqualTo(narInfo);
        assertThat(NarInfo.of(narInfo.pathInfo()).print(STORE_DIR)).contains("URL: nar/" + HASH + ".nar\n");
    }
}
