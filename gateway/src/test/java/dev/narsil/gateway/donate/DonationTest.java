package dev.narsil.gateway.donate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.gateway.donate.DonationState.Kept;
import dev.narsil.gateway.donate.DonationState.Result;
import dev.narsil.rewrite.path.StorePath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DonationTest {

    private static final Instant CREATED = Instant.parse("2026-11-21T18:00:00Z");
    private static final StorePath HELLO = StorePath.parseBaseName("0123456789abcdfghijklmnpqrsvwxyz-hello-2.12");
    private static final StorePath GIT = StorePath.parseBaseName("zyxwvsrqpnmlkjihgfdcba9876543210-git-2.39");
    private static final Donation DONATION = new Donation(
            new DonationTerms("hello", List.of(HELLO, GIT), 10_000_000_000L, true, 2_000_000, 50),
            CREATED,
            new DonationState(
                    Result.PRIVATE,
                    CREATED.plusSeconds(60),
                    new Kept(7, 2, 8_000_000, 5),
                    "not public: it has no signature"));
    private static final Donation FRESH =
            new Donation(new DonationTerms("a", List.of(HELLO), 1, false, 0, 0), CREATED, DonationState.NEVER);

    private static byte[] golden(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(DonationTest.class.getResourceAsStream(name))) {
            return HexFormat.of()
                    .parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", ""));
        }
    }

    @Test
    void encode_donation_isAsSpecified() throws IOException {
        assertThat(HexFormat.of().formatHex(DONATION.encode()))
                .isEqualTo(HexFormat.of().formatHex(golden("donation.hex")));
        assertThat(HexFormat.of().formatHex(FRESH.encode()))
                .isEqualTo(HexFormat.of().formatHex(golden("donation-fresh.hex")));
        assertThat(HexFormat.of().formatHex(DonatedPaths.encode(CREATED)))
                .isEqualTo(HexFormat.of().formatHex(golden("donated-path.hex")));
    }

    @Test
    void decode_whatWasEncoded_isThat() throws IOException {
        assertThat(Donation.decode(golden("donation.hex"))).isEqualTo(DONATION);
        assertThat(Donation.decode(golden("donation-fresh.hex"))).isEqualTo(FRESH);
        assertThat(DonatedPaths.decode(golden("donated-path.hex"))).isEqualTo(CREATED);
    }

    @Test
    void decode_anyByteChangedOrMissing_isRefused() throws IOException {
        byte[] bytes = golden("donation.hex");
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= 1;
            byte[] cut = Arrays.copyOf(bytes, i);
            assertThatThrownBy(() -> Donation.decode(changed)).isInstanceOf(FormatException.class);
            assertThatThrownBy(() -> Donation.decode(cut)).isInstanceOf(FormatException.class);
        }
    }

    @FuzzTest
    void decode_anyBytes_isRefusedOrEncodesBack(byte[] bytes) {
        try {
            assertThat(Donation.decode(bytes).encode()).isEqualTo(bytes);
        } catch (FormatException e) {
            assertThat(e).hasMessageMatching("(?s)donation .*");
        }
        try {
            assertThat(DonatedPaths.encode(DonatedPaths.decode(bytes))).isEqualTo(bytes);
        } catch (FormatException e) {
            assertThat(e).hasMessageMatching("(?s)donated path .*");
        }
    }

    @Test
    void terms_outOfBounds_areRefused() {
        assertThatThrownBy(() -> new DonationTerms("a", List.of(), 1, false, 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new DonationTerms("a", List.of(HELLO), 0, false, 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new DonationTerms("a", List.of(HELLO), 1, false, 1, 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new DonationTerms("a/b", List.of(HELLO), 1, false, 0, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
