package dev.narsil.gateway.access;

import dev.narsil.blockstore.BlockStore;
import dev.narsil.blockstore.BlockStore.Entry;
import dev.narsil.blockstore.BlockStore.Table;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tokens of one store, held in memory. There is one of these for an open store, so that what is created or revoked
 * is in force at once. Safe for use by many threads; {@link #verify} and {@link #list} never block.
 */
public final class Tokens {

    /** Most tokens of a store. */
    public static final int MAX_TOKENS = 10_000;

    /** Longest time until a token expires. */
    public static final Duration MAX_LIFETIME = Duration.ofDays(36_500);

    private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);
    private static final Sha256 NO_TOKEN = Sha256.hash(new byte[0]);

    /** A token and the one text of it there will ever be. */
    public record Created(Token token, String secretText) {
        /** Returns the token without its text. */
        @Override
        public String toString() {
            return token.toString();
        }
    }

    private final NarStore store;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Token> byId = new ConcurrentHashMap<>();
    private final Object changes = new Object();

    private Tokens(NarStore store) {
        this.store = store;
    }

    /** Reads the tokens of a store. One that is damaged is left out, and so refused, with a line in the log. */
    public static Tokens load(NarStore store) throws IOException {
        Tokens tokens = new Tokens(store);
        store.forEachRecord(Table.TOKEN, (key, value) -> {
            try {
                Token token = Token.decode(value);
                tokens.byId.put(token.id(), token);
            } catch (FormatException e) {
                LOG.error("a token is refused: {}", e.getMessage());
            }
        });
        return tokens;
    }

    /** Returns the tokens by name, expired ones too. */
    public List<Token> list() {
        return byId.values().stream().sorted(Comparator.comparing(Token::name)).toList();
    }

    /**
     * Makes a token and returns when it is durable.
     *
     * @param lifetime how long from {@code now} on it is good; null for ever
     * @throws IllegalArgumentException if the name is not one, is taken, or the lifetime is not within {@link
     *     #MAX_LIFETIME}
     * @throws IOException if it cannot be stored
     */
    public Created create(String name, Set<Permission> permissions, @Nullable Duration lifetime, Instant now)
            throws IOException {
        Token.checkName(name);
        if (lifetime != null && (!lifetime.isPositive() || lifetime.compareTo(MAX_LIFETIME) > 0)) {
            throw new IllegalArgumentException("a token is good for 1 second to " + MAX_LIFETIME.toDays() + " days");
        }
        Instant created = now.truncatedTo(ChronoUnit.SECONDS);
        Instant expires = lifetime == null ? null : now.plus(lifetime).truncatedTo(ChronoUnit.SECONDS);
        synchronized (changes) {
            if (find(name).isPresent()) {
                throw new IllegalArgumentException("there is a token '" + name + "' already; revoke it first");
            }
            if (byId.size() >= MAX_TOKENS) {
                throw new IllegalArgumentException("there are " + MAX_TOKENS + " tokens already");
            }
            TokenText text = TokenText.generate(random);
            while (find(text.id()).isPresent()) {
                text = TokenText.generate(random);
            }
            Token token = new Token(text.id(), name, permissions, created, expires, text.hash());
            write(new Entry(Table.TOKEN, token.key(), token.encode()));
            byId.put(token.id(), token);
            return new Created(token, text.secretText());
        }
    }

    /**
     * Takes a token back, by its name or id. From when this returns on it is refused.
     *
     * @return the token; empty if there is none
     * @throws IOException if that cannot be stored; then the token stays good
     */
    public Optional<Token> revoke(String nameOrId) throws IOException {
        synchronized (changes) {
            Optional<Token> found = find(nameOrId);
            if (found.isPresent()) {
                Token token = found.get();
                write(new Entry(Table.TOKEN, token.key(), null));
                byId.remove(token.id());
            }
            return found;
        }
    }

    /** Returns the token that this is the text of, unless it is expired. */
    Optional<Token> verify(String text, Instant now) {
        Optional<TokenText> presented = TokenText.parse(text);
        if (presented.isEmpty()) {
            return Optional.empty();
        }
        Token token = byId.get(presented.get().id());
        Sha256 expected = token == null ? NO_TOKEN : token.hash();
        boolean right =
                MessageDigest.isEqual(expected.bytes(), presented.get().hash().bytes());
        return right && token != null && !token.isExpired(now) ? Optional.of(token) : Optional.empty();
    }

    private Optional<Token> find(String nameOrId) {
        Token byName = byId.values().stream()
                .filter(token -> token.name().equals(nameOrId))
                .findAny()
                .orElse(null);
        return Optional.ofNullable(byName == null ? byId.get(nameOrId) : byName);
    }

    private void write(BlockStore.Entry entry) throws IOException {
        try {
            var written = store.write(List.of(entry));
            store.expedite();
            written.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
