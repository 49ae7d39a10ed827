package dev.narsil.gateway.upload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathMerge;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.narinfo.Fingerprint;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.gateway.narinfo.Signature;
import dev.narsil.gateway.source.Compressed;
import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a narinfo must say of its NAR, and what becomes of its path. */
class NarInfoUploadTest {

    private static final String DIGEST = "9n4c3zysg0zr27gw3a8kfp6xfa8zk6gz";
    private static final String OTHER_HASH = "08b557fqkzahgiadnl969sq8rrp2l7y1niwb84cnsksybrjrppb2";
    private static final SecretKey KEY = SecretKey.parse(
            "k-1:5nKsu8l2TQ5ErByfihq6uVX49f9RFDDUy/aRDruM0TkNn5efSJyNsNmGIeIfALj/fNmdv29VkTolIDUw7kdOXQ==");

    private static final String CA = "fixed:r:sha256:" + OTHER_HASH;

    private static final byte[] NAR = new RandomNar(1, StoreDir.DEFAULT, 4, 1000).bytes(RandomNar.digests(1, 3));
    private static final byte[] FILE = Compressed.one(Compression.XZ, NAR);
    private static final String URL = "nar/" + Sha256.hash(FILE).toBase32() + ".nar.xz";

    private final Path directory;
    private final NarStore store;
    private final Uploads uploads;

    NarInfoUploadTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        store = new NarStore(RocksBlockStore.open(directory, StoreOptions.DEFAULT), 1 << 20);
        uploads = uploads(UploadOptions.DEFAULT);
    }

    @BeforeEach
    void uploadTheNar() throws IOException {
        assertThat(receive(uploads.nar(Sha256.hash(FILE), ".xz"), FILE).status())
                .isEqualTo(200);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private Uploads uploads(UploadOptions options) {
        return new Uploads(store, options.withSpace(64, 0), directory, () -> Long.MAX_VALUE, NarSupply.NONE);
    }

    @Test
    void receive_rightNarInfo_isPublished() throws IOException {
        assertThat(put(text()).status()).isEqualTo(200);
        assertThat(store.path(Digest.parse(DIGEST)).orElseThrow().narHash()).isEqualTo(Sha256.hash(NAR));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "StorePath: /nix/store/9n4c | StorePath: /nix/store/8n4c | its own name is",
                "StorePath: /nix/store/ | StorePath: /gnu/store/ | not a path in /nix/store: '/gnu/store/",
                "StorePath: | StoragePath: | StorePath missing",
                "URL: nar/ | URL: /nar/ | not that of a NAR here",
                "URL: nar/ | URL: http://host/nar/ | not that of a NAR here",
                "URL: nar/ | URL: nar/../nar/ | not that of a NAR here",
                ".nar.xz | .nar.xz?x | not that of a NAR here",
                "Compression: xz | Compression: none | its Compression is none",
                "Compression: xz | Compression: brotli | its Compression is brotli",
                "Compression: xz | X: y | its Compression is bzip2",
                "NarSize: [0-9]+ | NarSize: 1 | its NarSize is",
                "FileSize: [0-9]+ | FileSize: 5 | its FileSize is 5",
                "NarHash: sha256: | NarHash: sha512: | bad NarHash",
                "References: | References: /nix/store/x | bad References",
                "References: | References:x y | bad References",
                "Deriver: | Deriver: / | bad Deriver",
                "CA: fixed:.* | X | no ':'",
                "CA: fixed: | CA: fixed:x: | bad CA",
                "CA: fixed:r:sha256:.* | CA: fixed:x | bad CA",
                "CA: .* | Sig: junk | bad Sig",
                "CA: .* | Sig: k-1:x | bad Sig",
                "CA: .* | Sig: :AAAA | bad Sig",
            })
    void receive_wrongNarInfo_is400AndSaysWhat(String right, String wrong, String reason) throws IOException {
        String text = text().replaceFirst(right, wrong);
        assertThat(text).isNotEqualTo(text());
        assertRefused(text, reason);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text:sha256:08b557fqkzahgiadnl969sq8rrp2l7y1niwb84cnsksybrjrppb2",
                "fixed:sha256:08b557fqkzahgiadnl969sq8rrp2l7y1niwb84cnsksybrjrppb2",
                "fixed:r:sha1:kpcd173cq987hw957sx6m0868wv3x6d9",
                "fixed:md5:3y8bwfr609h3lh9ch0izcqq7fl",
                "fixed:git:sha1:kpcd173cq987hw957sx6m0868wv3x6d9"
            })
    void receive_contentAddressAsNixPrintsIt_isTaken(String contentAddress) throws IOException {
        assertThat(put(text().replace(CA, contentAddress)).status()).isEqualTo(200);
        assertThat(store.path(Digest.parse(DIGEST)).orElseThrow().contentAddress())
                .isEqualTo(contentAddress);
    }

    @Test
    void receive_hashesOfAnotherNar_is400AndSaysWhat() throws IOException {
        assertRefused(
                text().replace("NarHash: " + Sha256.hash(NAR), "NarHash: sha256:" + OTHER_HASH), "its NarHash is");
        assertRefused(
                text().replace("FileHash: " + Sha256.hash(FILE), "FileHash: sha256:" + OTHER_HASH), "its FileHash is");
        assertRefused(text().replace(URL, "nar/" + OTHER_HASH + ".nar.xz"), "its NAR is not here");
        assertRefused(text().replace(URL, "nar/" + "e".repeat(52) + ".nar.xz"), "its URL has no hash");
    }

    @Test
    void receive_lineEndsOfAnotherSystem_is400() throws IOException {
        assertRefused(text().replace("\n", "\r\n"), "line 1");
        assertRefused("", "missing");
        assertRefused(text() + "\n", "empty");
        assertRefused(text().strip(), "no line end");
    }

    @Test
    void receive_narUnderItsOwnHash_isAccepted() throws IOException {
        String hash = Sha256.hash(NAR).toBase32();
        String text = text().replace(URL, "nar/" + hash + ".nar")
                .replace("Compression: xz", "Compression: none")
                .replace(Sha256.hash(FILE).toString(), "sha256:" + hash)
                .replace("FileSize: " + FILE.length, "FileSize: " + NAR.length);
        assertThat(put(text).status()).isEqualTo(200);
    }

    @Test
    void receive_fieldsThatMayBeMissing_areNotMissed() throws IOException {
        String text = text().replaceFirst("FileHash: .*\n", "")
                .replaceFirst("FileSize: .*\n", "")
                .replaceFirst("Deriver: .*\n", "")
                .replaceFirst("CA: .*\n", "");
        assertThat(put(text).status()).isEqualTo(200);
        assertThat(put(text()).status()).isEqualTo(200);
        assertThat(store.path(Digest.parse(DIGEST)).orElseThrow().contentAddress())
                .isEqualTo(CA);
        assertThat(store.path(Digest.parse(DIGEST)).orElseThrow().deriver()).isEqualTo(DIGEST + "-d.drv");
    }

    @Test
    void receive_serverHasKeys_signsOnceAndReplacesNothing() throws IOException {
        Uploads signing = uploads(UploadOptions.DEFAULT.withSigningKeys(List.of(KEY)));
        String theirs = "them-1:" + "A".repeat(86) + "==";
        for (int i = 0; i < 2; i++) {
            assertThat(put(signing, text() + "Sig: " + theirs + "\n").status()).isEqualTo(200);
        }
        var info = store.path(Digest.parse(DIGEST)).orElseThrow();
        assertThat(info.signatures()).hasSize(2).startsWith(theirs);
        Signature ours = Signature.parse(info.signatures().get(1));
        assertThat(ours.keyName()).isEqualTo("k-1");
        assertThat(info.signatures().get(1))
                .isEqualTo(KEY.sign(Fingerprint.sorted(info, StoreDir.DEFAULT)).toString());
    }

    @Test
    void receive_sameSignatureFromAnotherMachineOfOurKey_isKept() throws IOException {
        String other = "k-1:" + "A".repeat(86) + "==";
        Uploads signing = uploads(UploadOptions.DEFAULT.withSigningKeys(List.of(KEY)));
        assertThat(put(signing, text() + "Sig: " + other + "\n").status()).isEqualTo(200);
        assertThat(store.path(Digest.parse(DIGEST)).orElseThrow().signatures())
                .hasSize(2)
                .startsWith(other);
    }

    @Test
    void receive_signaturesWithoutEnd_areRefusedAtABound() throws IOException {
        for (int i = 0; i < PathMerge.MAX_SIGNATURES; i++) {
            assertThat(put(text() + signature(i)).status()).isEqualTo(200);
        }
        assertThat(put(text() + signature(PathMerge.MAX_SIGNATURES)).status()).isEqualTo(413);
        assertThat(put(text() + signature(0)).status()).isEqualTo(200);
    }

    @Test
    void receive_manyAtATime_noSignatureIsLost() throws Exception {
        int count = 64;
        try (ExecutorService clients = Executors.newFixedThreadPool(16)) {
            List<Future<Verdict>> verdicts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String text = text() + signature(i);
                verdicts.add(clients.submit(() -> put(text)));
            }
            for (Future<Verdict> verdict : verdicts) {
                assertThat(verdict.get().status()).isEqualTo(200);
            }
        }
        assertThat(store.path(Digest.parse(DIGEST)).orElseThrow().signatures()).hasSize(count);
    }

    private static String signature(int number) {
        return "Sig: k" + number + ":" + "A".repeat(86) + "==\n";
    }

    private void assertRefused(String text, String reason) throws IOException {
        Verdict verdict = put(text);
        assertThat(verdict.status()).as(text).isEqualTo(400);
        assertThat(verdict.text()).contains(reason).doesNotContain("\n");
        assertThat(store.path(Digest.parse(DIGEST))).isEmpty();
    }

    private Verdict put(String text) throws IOException {
        return put(uploads, text);
    }

    private static Verdict put(Uploads into, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        return receive(into.narInfo(Digest.parse(DIGEST), List.of()), bytes);
    }

    private static Verdict receive(Upload upload, byte[] body) throws IOException {
        try (upload) {
            BodyPipe pipe = new BodyPipe(BodyPipe.Pace.DEFAULT);
            pipe.offer(body);
            pipe.end();
            assertThat(upload.admit(body.length)).isEmpty();
            return upload.receive(pipe);
        }
    }

    private static String text() {
        return "StorePath: /nix/store/" + DIGEST + "-demo\n"
                + "URL: " + URL + "\n"
                + "Compression: xz\n"
                + "FileHash: " + Sha256.hash(FILE) + "\n"
                + "FileSize: " + FILE.length + "\n"
                + "NarHash: " + Sha256.hash(NAR) + "\n"
                + "NarSize: " + NAR.length + "\n"
                + "References: " + DIGEST + "-demo\n"
                + "Deriver: " + DIGEST + "-d.drv\n"
                + "CA: " + CA + "\n";
    }
}
