package dev.narsil.gateway.access;

/** What becomes of a request. */
public enum Decision {
    ALLOWED,
    /** It needs a token and has none, or one that is wrong, expired or revoked: 401. */
    UNAUTHENTICATED,
    /** Its token is good and does not allow this: 403. */
    FORBIDDEN
}
