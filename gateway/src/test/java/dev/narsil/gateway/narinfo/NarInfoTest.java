package dev.narsil.gateway.narinfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NarInfoTest {

    private static final StoreDir STORE_DIR = StoreDir.DEFAULT;
    private static final String BASE_NAME = "9n4c3zysg0zr27gw3a8kfp6xfa8zk6gz-demo";
    private static final String NAR_HASH = "08b557fqkzahgiadnl969sq8rrp2l7y1niwb84cnsksybrjrppb2";
    private static final String NAR_HASH_HEX = "62dd9b655e5e4f6d19418b471bfca1e2e68cb04e2651db547c50fd89dd296521";
    private static final String REFERENCE_A = "00000000000000000000000000000001-a";
    private static final String REFERENCE_B = "00000000000000000000000000000002-b";
    private static final String HEAD = "StorePath: /nix/store/" + BASE_NAME + "\n"
            + "URL: nar/" + NAR_HASH + ".nar\n"
            + "Compression: none\n"
            + "NarHash: sha256:" + NAR_HASH + "\n"
            + "NarSize: 696\n";
    private static final String DEMO = "StorePath: /nix/store/" + BASE_NAME + "\n"
            + "URL: nar/" + NAR_HASH + ".nar\n"
            + "Compression: none\n"
            + "FileHash: sha256:" + NAR_HASH + "\n"
            + "FileSize: 696\n"
            + "NarHash: sha256:" + NAR_HASH + "\n"
            + "NarSize: 696\n"
            + "References: \n"
            + "Sig: test-1:5q/hDX0a8e+FpCdo0hiv3AFmKbLKWOqIJF3USQ4z8diIibH8lqXSIrPpw9aqANpE2sME4tR6f3tq87D+1IODDQ==\n";

    @Test
    void parse_exampleOfTheReference_readsEveryField() throws Exception {
        NarInfo info = NarInfo.parse(STORE_DIR, DEMO);

        assertThat(info.storePath().baseName()).isEqualTo(BASE_NAME);
        assertThat(info.url()).isEqualTo("nar/" + NAR_HASH + ".nar");
        assertThat(info.compression()).isEqualTo("none");
        assertThat(info.fileSha256()).contains(info.pathInfo().narHash());
        assertThat(info.fileSize()).isEqualTo(696);
        assertThat(info.pathInfo().narHash().toHex()).isEqualTo(NAR_HASH_HEX);
        assertThat(info.pathInfo().narHashText()).isNull();
        assertThat(info.pathInfo().narSize()).isEqualTo(696);
        assertThat(info.pathInfo().references()).isEmpty();
        assertThat(info.pathInfo().signatures()).hasSize(1);
        assertThat(info.pathInfo().contentAddress()).isNull();
        assertThat(info.pathInfo().extraLines()).isEmpty();
    }

    @Test
    void print_parsedExample_isTheSameText() throws Exception {
        assertThat(NarInfo.parse(STORE_DIR, DEMO).print(STORE_DIR)).isEqualTo(DEMO);
    }

    @Test
    void of_pathInfoOfTheExample_isTheExample() throws Exception {
        assertThat(NarInfo.of(NarInfo.parse(STORE_DIR, DEMO).pathInfo()).print(STORE_DIR))
                .isEqualTo(DEMO);
    }

    @Test
    void print_fieldsInAnyOrderAndUnknownOnes_comeInTheOrderOfNixAndThenVerbatim() throws Exception {
        String text = "X-Later: a: b  c \n"
                + "CA: fixed:r:sha256:" + NAR_HASH + "\n"
                + "Sig: b:2\n"
                + "Zero:x\n"
                + "System: x86_64-linux\n"
                + "Deriver: " + REFERENCE_A + ".drv\n"
                + "References: " + REFERENCE_B + " " + BASE_NAME + "  " + REFERENCE_A + "\n"
                + "NarSize: 696\n"
                + "NarHash: sha256:" + NAR_HASH_HEX + "\n"
                + "FileSize: 0\n"
                + "Sig: a:1\n"
                + "Compression: xz\n"
                + "URL: nar/x.nar.xz?sha256=1\n"
                + "StorePath: /nix/store/" + BASE_NAME + "\n";

        assertThat(NarInfo.parse(STORE_DIR, text).print(STORE_DIR))
                .isEqualTo("StorePath: /nix/store/" + BASE_NAME + "\n"
                        + "URL: nar/x.nar.xz?sha256=1\n"
                        + "Compression: xz\n"
                        + "FileSize: 0\n"
                        + "NarHash: sha256:" + NAR_HASH_HEX + "\n"
                        + "NarSize: 696\n"
                        + "References: " + REFERENCE_B + " " + BASE_NAME + " " + REFERENCE_A + "\n"
                        + "Deriver: " + REFERENCE_A + ".drv\n"
                        + "System: x86_64-linux\n"
                        + "Sig: b:2\n"
                        + "Sig: a:1\n"
                        + "CA: fixed:r:sha256:" + NAR_HASH + "\n"
                        + "X-Later: a: b  c \n"
                        + "Zero:x\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {NAR_HASH, NAR_HASH_HEX, "Yt2bZV5eT20ZQYtHG/yh4uaMsE4mUdtUfFD9id0pZSE="})
    void parse_narHashInAnyEncoding_isTheSameHashAndKeptVerbatim(String digits) throws Exception {
        NarInfo info = NarInfo.parse(STORE_DIR, HEAD + "NarHash: sha256:" + digits + "\n");

        assertThat(info.pathInfo().narHash().toBase32()).isEqualTo(NAR_HASH);
        assertThat(info.print(STORE_DIR)).contains("NarHash: sha256:" + digits + "\n");
    }

    @Test
    void parse_narHashAsSri_isTheSameHashAndKeptVerbatim() throws Exception {
        String sri = "sha256-Yt2bZV5eT20ZQYtHG/yh4uaMsE4mUdtUfFD9id0pZSE=";

        NarInfo info = NarInfo.parse(STORE_DIR, HEAD + "NarHash: " + sri + "\n");

        assertThat(info.pathInfo().narHash().toBase32()).isEqualTo(NAR_HASH);
        assertThat(info.pathInfo().narHashText()).isEqualTo(sri);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "Compression: xz|xz",
                "Compression: |bzip2",
                "Compression: a: b|a: b",
                "Compression:none|one",
            })
    void parse_compressionAtTheEnd_isRead(String line, String compression) throws Exception {
        assertThat(NarInfo.parse(STORE_DIR, HEAD + line + "\n").compression()).isEqualTo(compression);
    }

    @Test
    void parse_noCompression_isBzip2() throws Exception {
        assertThat(NarInfo.parse(STORE_DIR, HEAD.replace("Compression: none\n", ""))
                        .compression())
                .isEqualTo("bzip2");
    }

    @Test
    void parse_urlTwice_lastWins() throws Exception {
        assertThat(NarInfo.parse(STORE_DIR, HEAD + "URL: nar/other\n").url()).isEqualTo("nar/other");
    }

    @Test
    void parse_storePathWithTrailingSlash_isAccepted() throws Exception {
        String text = HEAD.replace(BASE_NAME, BASE_NAME + "/");

        assertThat(NarInfo.parse(STORE_DIR, text).storePath().baseName()).isEqualTo(BASE_NAME);
    }

    @Test
    void parse_emptyContentAddress_isNone() throws Exception {
        assertThat(NarInfo.parse(STORE_DIR, HEAD + "CA: \n").pathInfo().contentAddress())
                .isNull();
    }

    @Test
    void parse_unknownDeriver_isNoneButPrinted() throws Exception {
        NarInfo info = NarInfo.parse(STORE_DIR, HEAD + "Deriver: unknown-deriver\n");

        assertThat(info.deriver()).isEmpty();
        assertThat(info.print(STORE_DIR)).contains("Deriver: unknown-deriver\n");
    }

    @Test
    void parse_deriver_isItsPath() throws Exception {
        NarInfo info = NarInfo.parse(STORE_DIR, HEAD + "Deriver: " + REFERENCE_A + ".drv\n");

        assertThat(info.deriver()).contains(StorePath.parseBaseName(REFERENCE_A + ".drv"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"md5:d41d8cd98f00b204e9800998ecf8427e", "sha512-abc", "blake3:x"})
    void parse_fileHashOfAnotherAlgorithm_isKeptButNotVerified(String fileHash) throws Exception {
        NarInfo info = NarInfo.parse(STORE_DIR, HEAD + "FileHash: " + fileHash + "\n");

        assertThat(info.fileSha256()).isEmpty();
        assertThat(info.fileHash()).isEqualTo(fileHash);
    }

    @Test
    void parse_bytesBeyondAsciiInAnUnknownLine_comeBack() throws Exception {
        byte[] text = (HEAD + "Note: gr\u00fc\u00df\n").getBytes(StandardCharsets.UTF_8);

        byte[] printed = NarInfo.parse(STORE_DIR, text).printBytes(STORE_DIR);

        assertThat(NarInfo.parse(STORE_DIR, printed)).isEqualTo(NarInfo.parse(STORE_DIR, text));
        assertThat(new String(printed, StandardCharsets.UTF_8)).endsWith("Note: gr\u00fc\u00df\n");
    }

    @Test
    void parse_anotherStoreDir_needsThatStoreDir() throws Exception {
        String text = HEAD.replace("/nix/store", "/gnu/store");

        assertThat(NarInfo.parse(new StoreDir("/gnu/store"), text).storePath().baseName())
                .isEqualTo(BASE_NAME);
        assertThat(failure(text).line()).isEqualTo(1);
    }

    @Test
    void parse_moreThanTheBound_isRefused() {
        String text = HEAD + "X: " + "x".repeat(NarInfo.MAX_BYTES) + "\n";

        assertThat(failure(text).reason()).isEqualTo("more than 2097152 bytes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "'\n'|6|empty",
                "'Deriver: x'|6|no line end",
                "'nonsense\n'|6|no ':'",
                "'\nDeriver: unknown-deriver\n'|6|empty",
                "'References:\nCA: \n'|6|no space after ':', so that Nix takes the next line for the value",
                "'URL: x\r\n'|6|a carriage return at column 7",
                "'X: a\u0001\n'|6|character 0x1 at column 5",
                "'X: \u0100\n'|6|character 0x100 at column 4",
                "'URL: \n'|0|URL missing or empty",
                "'NarSize: 0\n'|0|NarSize missing or zero",
                "'NarSize: 6 \n'|6|bad NarSize '6 ': not a decimal number",
                "'NarSize: -6\n'|6|bad NarSize '-6': not a decimal number",
                "'NarSize: 9223372036854775808\n'|6|bad NarSize '9223372036854775808': more than 9223372036854775807",
                "'FileSize: x\n'|6|bad FileSize 'x': not a decimal number",
                "'FileSize: \n'|6|bad FileSize '': not a decimal number",
                "'Deriver: \n'|6|bad Deriver '': a store path is 32 characters, '-' and a name: ''",
                "'References: 00000000000000000000000000000001-a\nReferences: 00000000000000000000000000000002-b\n'"
                        + "|7|extra References",
                "'CA: text:sha256:a\nCA: text:sha256:a\n'|7|a second CA",
            })
    void parse_badLinesAfterGoodOnes_areRefusedWithTheirPlace(String lines, int line, String reason) {
        NarInfoException failure = failure(HEAD + lines);

        assertThat(failure.line()).isEqualTo(line);
        assertThat(failure.reason()).isEqualTo(reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "NarHash: " + NAR_HASH,
                "NarHash: md5:d41d8cd98f00b204e9800998ecf8427e",
                "NarHash: ",
                "FileHash: ",
                "FileHash: " + NAR_HASH,
                "FileHash: sha256:0",
                "References: /nix/store/" + REFERENCE_A,
                "References: 00000000000000000000000000000001",
                "References: " + REFERENCE_A + "\t" + REFERENCE_B,
                "Deriver: /nix/store/" + REFERENCE_A,
                "StorePath: " + BASE_NAME,
                "StorePath: /nix/store/" + BASE_NAME + "/bin",
                "StorePath: /nix/store/../store/" + BASE_NAME,
            })
    void parse_badValue_isRefusedOnItsLine(String line) {
        assertThat(failure(HEAD + line + "\n").line()).isEqualTo(6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"StorePath", "URL", "NarHash", "NarSize"})
    void parse_requiredFieldMissing_isRefusedWithItsName(String field) {
        NarInfoException failure = failure(HEAD.replaceAll(field + ": .*\n", ""));

        assertThat(failure.reason()).startsWith(field + " missing");
    }

    @Test
    void parse_emptyText_isRefused() {
        assertThat(failure("")).hasMessage("bad narinfo: StorePath missing");
    }

    private static NarInfoException failure(String text) {
        NarInfoException failure = catchThrowableOfType(NarInfoException.class, () -> NarInfo.parse(STORE_DIR, text));
        assertThat(failure).as("parse of <%s>", text).isNotNull();
        return failure;
    }
}
