package dev.narsil.gateway.access;

import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a request may be served. Safe for use by many threads; a decision takes one hash of a short text,
 * whether the token is right or wrong, and never blocks.
 */
public final class Access {

    /** Everything for everybody, whatever token they present: for servers that only those can reach who may. */
    public static final Access OPEN = new Access();

    private final @Nullable Tokens tokens;
    private final AccessPolicy policy;
    private final InstantSource clock;

    private Access() {
        this.tokens = null;
        this.policy = AccessPolicy.DEFAULT;
        this.clock = InstantSource.system();
    }

    public Access(Tokens tokens, AccessPolicy policy, InstantSource clock) {
        this.tokens = tokens;
        this.policy = policy;
        this.clock = clock;
    }

    /** Tells whether everybody may do this without a token. */
    public boolean isOpen(Permission permission, boolean loopback) {
        return tokens == null || policy.allows(permission, loopback);
    }

    /**
     * Returns the token that a request presents, whatever it allows; empty if it presents none that is good.
     *
     * @param authorization value of the {@code Authorization} header; null if there is none
     */
    public Optional<Token> token(@Nullable String authorization) {
        return tokens == null || authorization == null
                ? Optional.empty()
                : Authorization.secret(authorization).flatMap(secret -> tokens.verify(secret, clock.instant()));
    }

    /**
     * Decides about one request.
     *
     * <p>Whoever presents a token is judged by it: a wrong one is refused also where none is needed, as its bearer
     * would otherwise take a cache that hides things for one that lacks them. A good token allows what it allows and
     * what is allowed without.
     *
     * @param authorization value of the {@code Authorization} header; null if there is none
     * @param loopback whether the listener the request came in by is one that only this machine reaches. It is the
     *     listener that counts, not the peer: behind a reverse proxy every peer is local
     */
    public Decision check(Permission permission, @Nullable String authorization, boolean loopback) {
        if (tokens == null) {
            return Decision.ALLOWED;
        }
        boolean open = isOpen(permission, loopback);
        if (authorization == null) {
            return open ? Decision.ALLOWED : Decision.UNAUTHENTICATED;
        }
        Optional<Token> token = token(authorization);
        if (token.isEmpty()) {
            return Decision.UNAUTHENTICATED;
        }
        return open || token.get().permissions().contains(permission) ? Decision.ALLOWED : Decision.FORBIDDEN;
    }
}
