package dev.narsil.gateway.subscribe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.gateway.subscribe.SubscriptionState.Found;
import dev.narsil.gateway.subscribe.SubscriptionState.Result;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SubscriptionTest {

    private static final Instant CREATED = Instant.parse("2026-11-21T18:00:00Z");
    private static final Subscription SUBSCRIPTION = new Subscription(
            new SubscriptionTerms(
                    "channel",
                    SubscriptionSource.of("https://channels.example.org/store-paths.xz"),
                    Duration.ofHours(6),
                    DailyWindow.parse("23:00-06:30"),
                    50_000_000_000L),
            CREATED,
            new SubscriptionState(
                    Result.INCOMPLETE,
                    CREATED.plusSeconds(60),
                    CREATED.plusSeconds(300),
                    CREATED.plusSeconds(600),
                    2,
                    new Found(1000, 3, 4_000_000_000L, 7, 8_000_000),
                    "\"etag\"",
                    "no upstream has it now"));
    private static final Subscription FRESH = new Subscription(
            new SubscriptionTerms(
                    "hello",
                    SubscriptionSource.of("0123456789abcdfghijklmnpqrsvwxyz-hello-2.12"),
                    Duration.ofDays(1),
                    null,
                    1),
            CREATED,
            SubscriptionState.due(CREATED));

    private static byte[] golden(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(SubscriptionTest.class.getResourceAsStream(name))) {
            return HexFormat.of()
                    .parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", ""));
        }
    }

    @Test
    void encode_subscription_isAsSpecified() throws IOException {
        assertThat(HexFormat.of().formatHex(SUBSCRIPTION.encode()))
                .isEqualTo(HexFormat.of().formatHex(golden("subscription.hex")));
        assertThat(HexFormat.of().formatHex(FRESH.encode()))
                .isEqualTo(HexFormat.of().formatHex(golden("subscription-fresh.hex")));
    }

    @Test
    void decode_whatWasEncoded_isThat() throws IOException {
        assertThat(Subscription.decode(golden("subscription.hex"))).isEqualTo(SUBSCRIPTION);
        assertThat(Subscription.decode(golden("subscription-fresh.hex"))).isEqualTo(FRESH);
    }

    @Test
    void decode_anyByteChangedOrMissing_isRefused() throws IOException {
        byte[] bytes = golden("subscription.hex");
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= 1;
            byte[] cut = Arrays.copyOf(bytes, i);
            assertThatThrownBy(() -> Subscription.decode(changed)).isInstanceOf(FormatException.class);
            assertThatThrownBy(() -> Subscription.decode(cut)).isInstanceOf(FormatException.class);
        }
    }

    @FuzzTest
    void decode_anyBytes_isRefusedOrEncodesBack(byte[] bytes) {
        try {
            assertThat(Subscription.decode(bytes).encode()).isEqualTo(bytes);
        } catch (FormatException e) {
            assertThat(e).hasMessageMatching("(?s)subscription .*");
        }
    }

    @FuzzTest
    void source_anyText_isRefusedOrItself(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        try {
            assertThat(SubscriptionSource.of(text).text()).isEqualTo(text);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @FuzzTest
    void window_anyText_isRefusedOrItself(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        try {
            assertThat(DailyWindow.parse(text)).hasToString(text);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).contains(text);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://example.org/list",
                "https://user:secret@example.org/list",
                "https:///list",
                "https://example.org/list#part",
                "ipns://",
                "ipns://a/b",
                "hello",
                ""
            })
    void source_anythingElse_isRefusedWithoutCredentials(String text) {
        assertThatThrownBy(() -> SubscriptionSource.of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    void source_urlWithQuery_isToldWithout() {
        assertThat(SubscriptionSource.of("https://example.org/list?token=secret")
                        .told())
                .doesNotContain("secret");
    }

    @Test
    void isDue_window_countsFromItsBeginningToItsEndAcrossMidnight() {
        Instant day = Instant.parse("2026-11-22T00:00:00Z");
        assertThat(SUBSCRIPTION.isDue(day.plus(Duration.ofMinutes(0)), ZoneOffset.UTC))
                .isTrue();
        assertThat(SUBSCRIPTION.isDue(day.plus(Duration.ofMinutes(389)), ZoneOffset.UTC))
                .isTrue();
        assertThat(SUBSCRIPTION.isDue(day.plus(Duration.ofMinutes(390)), ZoneOffset.UTC))
                .isFalse();
        assertThat(SUBSCRIPTION.isDue(day.plus(Duration.ofHours(23)), ZoneOffset.UTC))
                .isTrue();
        assertThat(SUBSCRIPTION.isDue(day.plus(Duration.ofHours(23)), ZoneOffset.ofHours(8)))
                .isFalse();
        assertThat(SUBSCRIPTION.isDue(CREATED, ZoneOffset.ofHours(8))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"01:00-01:00", "1:00-02:00", "24:00-01:00", "01:60-02:00", "01:00", ""})
    void window_anythingElse_isRefused(String text) {
        assertThatThrownBy(() -> DailyWindow.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
