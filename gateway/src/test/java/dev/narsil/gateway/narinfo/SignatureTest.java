package dev.narsil.gateway.narinfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SignatureTest {

    private static final String SECRET =
            "test-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA==";
    private static final String PUBLIC = "test-1:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
    private static final String SIGNATURE =
            "test-1:5q/hDX0a8e+FpCdo0hiv3AFmKbLKWOqIJF3USQ4z8diIibH8lqXSIrPpw9aqANpE2sME4tR6f3tq87D+1IODDQ==";
    private static final String SIGNATURE_WITH_REFERENCES =
            "test-1:PedLLGbF5u219gZk+z2SLVtz+geNmx46+tB3EpScycrj/jV7+kChuiwL60k9pYA91GmpwV2xhDoof20/IfZ+DQ==";
    private static final String OTHER_SECRET =
            "k-1:5nKsu8l2TQ5ErByfihq6uVX49f9RFDDUy/aRDruM0TkNn5efSJyNsNmGIeIfALj/fNmdv29VkTolIDUw7kdOXQ==";
    private static final String OTHER_PUBLIC = "k-1:DZ+Xn0icjbDZhiHiHwC4/3zZnb9vVZE6JSA1MO5HTl0=";
    private static final String FINGERPRINT = "1;/nix/store/9n4c3zysg0zr27gw3a8kfp6xfa8zk6gz-demo;"
            + "sha256:08b557fqkzahgiadnl969sq8rrp2l7y1niwb84cnsksybrjrppb2;696;";
    private static final String REFERENCE_A = "00000000000000000000000000000001-a";
    private static final String REFERENCE_B = "00000000000000000000000000000002-b";
    private static final TrustedKeys TRUSTED = new TrustedKeys(List.of(PublicKey.parse(PUBLIC)));

    @Test
    void fingerprint_ofTheVector_isTheVector() {
        PathInfo info = info(List.of(), List.of());

        assertThat(text(Fingerprint.sorted(info, StoreDir.DEFAULT))).isEqualTo(FINGERPRINT);
        assertThat(text(Fingerprint.asGiven(info, StoreDir.DEFAULT))).isEqualTo(FINGERPRINT);
    }

    @Test
    void fingerprint_referencesUnsortedAndTwice_sortedIsASet() {
        PathInfo info = info(List.of(REFERENCE_B, REFERENCE_A, REFERENCE_B), List.of());

        assertThat(text(Fingerprint.sorted(info, StoreDir.DEFAULT)))
                .isEqualTo(FINGERPRINT + "/nix/store/" + REFERENCE_A + ",/nix/store/" + REFERENCE_B);
        assertThat(text(Fingerprint.asGiven(info, StoreDir.DEFAULT)))
                .isEqualTo(FINGERPRINT + "/nix/store/" + REFERENCE_B + ",/nix/store/" + REFERENCE_A + ",/nix/store/"
                        + REFERENCE_B);
    }

    @Test
    void sign_vectors_areTheVectors() {
        SecretKey key = SecretKey.parse(SECRET);

        assertThat(key.sign(Fingerprint.sorted(info(List.of(), List.of()), StoreDir.DEFAULT)))
                .hasToString(SIGNATURE);
        assertThat(key.sign(Fingerprint.sorted(info(List.of(REFERENCE_A, REFERENCE_B), List.of()), StoreDir.DEFAULT)))
                .hasToString(SIGNATURE_WITH_REFERENCES);
    }

    @Test
    void publicKey_ofASecretKey_isItsSecondHalf() {
        assertThat(SecretKey.parse(SECRET).publicKey()).hasToString(PUBLIC);
        assertThat(SecretKey.parse(OTHER_SECRET + "\n").publicKey()).hasToString(OTHER_PUBLIC);
    }

    @Test
    void verifies_vector_onlyThatMessageByThatKey() {
        PublicKey key = PublicKey.parse(PUBLIC + "\n");
        byte[] message = FINGERPRINT.getBytes(StandardCharsets.US_ASCII);

        assertThat(key.verifies(message, Signature.parse(SIGNATURE))).isTrue();
        message[0] ^= 1;
        assertThat(key.verifies(message, Signature.parse(SIGNATURE))).isFalse();
        message[0] ^= 1;
        assertThat(PublicKey.parse(OTHER_PUBLIC).verifies(message, Signature.parse(SIGNATURE)))
                .isFalse();
    }

    @Test
    void verifies_everyBitOfASignatureFlipped_isFalse() {
        PublicKey key = PublicKey.parse(PUBLIC);
        byte[] message = FINGERPRINT.getBytes(StandardCharsets.US_ASCII);
        byte[] good = Signature.parse(SIGNATURE).bytes();
        for (int bit = 0; bit < good.length * 8; bit += 7) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(key.verifies(message, new Signature("test-1", bad)))
                    .as("bit %d flipped", bit)
                    .isFalse();
        }
    }

    @Test
    void verifies_keyThatIsNoPointOfTheCurve_isFalse() {
        byte[] noPoint = new byte[PublicKey.BYTES];
        Arrays.fill(noPoint, (byte) 0xff);
        noPoint[31] = 0x7f;
        PublicKey key = PublicKey.parse("odd:" + Base64.getEncoder().encodeToString(noPoint));

        assertThat(key.verifies(new byte[0], Signature.parse(SIGNATURE))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "test-1",
                "test-1:",
                ":A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
                "test-1:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg",
                "test-1: A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
                "test-1:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMb=",
                "te st:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
                SECRET
            })
    void parse_notAPublicKey_isRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> PublicKey.parse(text));
    }

    @Test
    void parse_badSecretKey_messageDoesNotTellIt() {
        String digits = SECRET.substring(SECRET.indexOf(':') + 1);
        List<String> bads = List.of(
                digits, "test-1:" + digits.replace("oQe", "pQe"), "test-1:" + digits + "*", "x:" + digits.substring(4));
        for (String bad : bads) {
            IllegalArgumentException failure =
                    catchThrowableOfType(IllegalArgumentException.class, () -> SecretKey.parse(bad));
            assertThat(failure).isNotNull();
            assertThat(failure.getMessage()).doesNotContain("AwQF");
        }
        assertThat(SecretKey.parse(SECRET)).hasToString("secret key 'test-1'");
    }

    @Test
    void parse_halvesOfTwoSecretKeys_isRefused() {
        byte[] mixed = Base64.getDecoder().decode(SECRET.substring(7));
        System.arraycopy(Base64.getDecoder().decode(OTHER_PUBLIC.substring(4)), 0, mixed, 32, 32);

        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> SecretKey.parse("test-1:" + Base64.getEncoder().encodeToString(mixed)))
                .withMessage("the two halves of the secret key 'test-1' do not belong together");
    }

    @Test
    void verify_signedByATrustedKey_saysWhich() {
        TrustedKeys.Verdict verdict =
                TRUSTED.verify(info(List.of(), List.of("k-1:AA", "garbage", SIGNATURE)), StoreDir.DEFAULT);

        assertThat(verdict.trusted()).isTrue();
        assertThat(verdict.signedBy()).isEqualTo("test-1");
    }

    @Test
    void verify_signatureOverUnsortedReferences_isGoodAsGivenAndAfterSorting() {
        List<String> unsorted = List.of(REFERENCE_B, REFERENCE_A);
        SecretKey key = SecretKey.parse(SECRET);
        String asGiven = key.sign(Fingerprint.asGiven(info(unsorted, List.of()), StoreDir.DEFAULT))
                .toString();

        assertThat(asGiven).isNotEqualTo(SIGNATURE_WITH_REFERENCES);
        assertThat(TRUSTED.verify(info(unsorted, List.of(asGiven)), StoreDir.DEFAULT)
                        .trusted())
                .isTrue();
        assertThat(TRUSTED.verify(info(unsorted, List.of(SIGNATURE_WITH_REFERENCES)), StoreDir.DEFAULT)
                        .trusted())
                .isTrue();
    }

    @Test
    void verify_noGoodSignature_saysWhy() {
        assertThat(info(List.of(), List.of()).contentAddress())
                .as("is no signature")
                .isNotNull();
        assertThat(reason(List.of())).isEqualTo("it has no signature");
        assertThat(reason(List.of("k-1:x", "a-1:x")))
                .isEqualTo("it is signed by keys that are not trusted only: 'a-1', 'k-1'");
        assertThat(reason(List.of("k-1:x", SIGNATURE_WITH_REFERENCES)))
                .isEqualTo("its signature by the trusted key 'test-1' is wrong");
        assertThat(reason(List.of("test-1:short"))).isEqualTo("its signature by the trusted key 'test-1' is wrong");
    }

    @Test
    void verify_moreSignaturesThanTheBound_doesNotTryThemAll() {
        List<String> signatures = new ArrayList<>(Stream.generate(() -> SIGNATURE_WITH_REFERENCES)
                .limit(TrustedKeys.MAX_VERIFIED)
                .toList());
        signatures.add(SIGNATURE);

        assertThat(TRUSTED.verify(info(List.of(), signatures), StoreDir.DEFAULT).trusted())
                .isFalse();
        signatures.removeFirst();
        assertThat(TRUSTED.verify(info(List.of(), signatures), StoreDir.DEFAULT).trusted())
                .isTrue();
    }

    @Test
    void parse_keyOfCacheNixosOrg_isInPlace() {
        assertThat(PublicKey.CACHE_NIXOS_ORG.name()).isEqualTo("cache.nixos.org-1");
    }

    private static String reason(List<String> signatures) {
        return TRUSTED.verify(info(List.of(), signatures), StoreDir.DEFAULT).reason();
    }

    private static PathInfo info(List<String> references, List<String> signatures) {
        return new PathInfo(
                StorePath.parseBaseName("9n4c3zysg0zr27gw3a8kfp6xfa8zk6gz-demo"),
                Sha256.parseBase32("08b557fqkzahgiadnl969sq8rrp2l7y1niwb84cnsksybrjrppb2"),
                null,
                696,
                references.stream().map(StorePath::parseBaseName).toList(),
                null,
                null,
                signatures,
                "fixed:r:sha256:08b557fqkzahgiadnl969sq8rrp2l7y1niwb84cnsksybrjrppb2",
                List.of());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
