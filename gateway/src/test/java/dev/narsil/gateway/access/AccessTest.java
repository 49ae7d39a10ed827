package dev.narsil.gateway.access;

import static dev.narsil.gateway.access.Decision.ALLOWED;
import static dev.narsil.gateway.access.Decision.FORBIDDEN;
import static dev.narsil.gateway.access.Decision.UNAUTHENTICATED;
import static dev.narsil.gateway.access.Permission.ADMIN;
import static dev.narsil.gateway.access.Permission.READ;
import static dev.narsil.gateway.access.Permission.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class AccessTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
    private static final AccessPolicy OPEN = new AccessPolicy(true, true);

    @TempDir
    private Path directory;

    private NarStore store;
    private Tokens tokens;

    @BeforeEach
    void open() throws IOException {
        store = new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
        tokens = Tokens.load(store);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    private String token(String name, Permission... permissions) throws IOException {
        return tokens.create(name, Set.of(permissions), null, NOW).secretText();
    }

    private Decision check(AccessPolicy policy, Permission permission, @Nullable String header, boolean loopback) {
        return new Access(tokens, policy, () -> NOW).check(permission, header, loopback);
    }

    private static String basic(String user, String password) {
        return "Basic "
                + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void check_withoutToken_isWhatThePolicySays() {
        AccessPolicy closed = AccessPolicy.DEFAULT;
        assertThat(check(closed, READ, null, true)).isEqualTo(ALLOWED);
        assertThat(check(closed, READ, null, false)).isEqualTo(UNAUTHENTICATED);
        assertThat(check(closed, WRITE, null, true)).isEqualTo(UNAUTHENTICATED);
        assertThat(check(closed, WRITE, null, false)).isEqualTo(UNAUTHENTICATED);
        assertThat(check(OPEN, READ, null, false)).isEqualTo(ALLOWED);
        assertThat(check(OPEN, WRITE, null, true)).isEqualTo(ALLOWED);
        assertThat(check(OPEN, WRITE, null, false)).isEqualTo(UNAUTHENTICATED);
        assertThat(check(OPEN, ADMIN, null, true)).isEqualTo(UNAUTHENTICATED);
    }

    @Test
    void check_goodToken_allowsWhatItSaysAndWhatIsOpen() throws IOException {
        String header = "Bearer " + token("w", WRITE);
        for (boolean loopback : new boolean[] {false, true}) {
            assertThat(check(AccessPolicy.DEFAULT, WRITE, header, loopback)).isEqualTo(ALLOWED);
            assertThat(check(AccessPolicy.DEFAULT, ADMIN, header, loopback)).isEqualTo(FORBIDDEN);
        }
        assertThat(check(AccessPolicy.DEFAULT, READ, header, false)).isEqualTo(FORBIDDEN);
        assertThat(check(AccessPolicy.DEFAULT, READ, header, true)).isEqualTo(ALLOWED);
        assertThat(check(OPEN, READ, header, false)).isEqualTo(ALLOWED);
    }

    @Test
    void check_bothSchemes_anyUserAndCase_areAccepted() throws IOException {
        String text = token("r", READ);
        for (String header : List.of(
                "Bearer " + text,
                "bearer  " + text,
                basic("", text),
                basic("any body", text),
                basic("any", text).replace("Basic", "BASIC"))) {
            assertThat(check(AccessPolicy.DEFAULT, READ, header, false))
                    .as(header)
                    .isEqualTo(ALLOWED);
        }
    }

    @Test
    void check_wrongToken_isRefusedAlsoWhereNoneIsNeeded() throws IOException {
        String good = token("r", READ);
        String other = token("other", READ);
        String swapped = good.substring(0, "narsil_12345678_".length()) + other.substring("narsil_12345678_".length());
        for (String header : List.of(
                "",
                "Bearer",
                "Bearer ",
                "Basic ",
                "Basic !",
                "Basic " + good,
                "Digest " + good,
                good,
                basic(good, ""),
                "Bearer " + swapped,
                "Bearer " + good + "0",
                "Bearer " + good.substring(1),
                "Bearer " + " ".repeat(2000) + good,
                "Bearer narsil_zzzzzzzz" + good.substring("narsil_12345678".length()),
                "Basic " + Base64.getEncoder().encodeToString(good.getBytes(StandardCharsets.ISO_8859_1)))) {
            assertThat(check(OPEN, READ, header, true)).as(header).isEqualTo(UNAUTHENTICATED);
        }
        assertThat(check(OPEN, READ, "Bearer " + good, true)).isEqualTo(ALLOWED);
    }

    @Test
    void check_anyCharacterChanged_isRefused() throws IOException {
        String good = token("r", READ);
        for (int i = 0; i < good.length(); i++) {
            char changed = good.charAt(i) == '0' ? '1' : '0';
            String wrong = good.substring(0, i) + changed + good.substring(i + 1);
            assertThat(tokens.verify(wrong, NOW)).as(wrong).isEmpty();
        }
        assertThat(tokens.verify(good, NOW)).isPresent();
    }

    @Test
    void check_expiredToken_isRefusedFromThatSecondOn() throws IOException {
        String text = tokens.create("short", Set.of(READ), Duration.ofSeconds(10), NOW)
                .secretText();
        assertThat(tokens.verify(text, NOW.plusSeconds(9))).isPresent();
        assertThat(tokens.verify(text, NOW.plusSeconds(10))).isEmpty();
        Access later = new Access(tokens, OPEN, () -> NOW.plusSeconds(10));
        assertThat(later.check(READ, "Bearer " + text, true)).isEqualTo(UNAUTHENTICATED);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void revoke_byNameOrId_isInForceAtOnceAndForGood(boolean byId) throws IOException {
        Tokens.Created created = tokens.create("ci", Set.of(READ), null, NOW);
        String kept = token("kept", READ);
        assertThat(tokens.verify(created.secretText(), NOW)).isPresent();

        String name = byId ? created.token().id() : "ci";
        assertThat(tokens.revoke(name)).contains(created.token());
        assertThat(tokens.verify(created.secretText(), NOW)).isEmpty();
        assertThat(tokens.revoke(name)).isEmpty();
        Tokens reloaded = Tokens.load(store);
        assertThat(reloaded.verify(created.secretText(), NOW)).isEmpty();
        assertThat(reloaded.verify(kept, NOW)).isPresent();
    }

    @Test
    void tokens_storeOpenedAgain_areThere_andNoSecretIs() throws IOException {
        Tokens.Created created = tokens.create("ci", Set.of(READ, WRITE), Duration.ofDays(90), NOW);
        store.close();
        open();
        assertThat(tokens.list()).containsExactly(created.token());
        assertThat(tokens.verify(created.secretText(), NOW)).contains(created.token());
        String secret = created.secretText().substring("narsil_12345678_".length());
        assertThat(created.toString()).doesNotContain(secret);
        store.forEachRecord(
                Table.TOKEN,
                (key, value) -> assertThat(new String(value, StandardCharsets.ISO_8859_1))
                        .doesNotContain(secret));
    }

    @Test
    void create_nameTakenOrLifetimeOutOfBounds_isRefused() throws IOException {
        String first = token("ci", READ);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> token("ci", WRITE))
                .withMessageContaining("already");
        for (Duration lifetime : List.of(Duration.ZERO, Duration.ofSeconds(-1), Duration.ofDays(40_000))) {
            assertThatIllegalArgumentException().isThrownBy(() -> tokens.create("other", Set.of(READ), lifetime, NOW));
        }
        assertThat(tokens.list()).hasSize(1);
        assertThat(tokens.verify(first, NOW)).isPresent();
    }

    @Test
    void create_manyAtATimeWithOneName_makesOne() {
        List<CompletableFuture<Boolean>> attempts = java.util.stream.IntStream.range(0, 8)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> {
                    try {
                        return !token("ci", READ).isEmpty();
                    } catch (IllegalArgumentException e) {
                        return false;
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }))
                .toList();
        assertThat(attempts.stream().filter(CompletableFuture::join)).hasSize(1);
        assertThat(tokens.list()).hasSize(1);
    }

    @Test
    void load_damagedToken_isRefusedAndTheOthersWork() throws IOException {
        String good = token("good", READ);
        Tokens.Created bad = tokens.create("bad", Set.of(READ), null, NOW);
        byte[] record = bad.token().encode();
        record[10] ^= 1;
        var written = store.write(List.of(new Entry(Table.TOKEN, bad.token().key(), record)));
        store.expedite();
        written.join();

        Tokens reloaded = Tokens.load(store);
        assertThat(reloaded.verify(good, NOW)).isPresent();
        assertThat(reloaded.verify(bad.secretText(), NOW)).isEmpty();
    }
}
