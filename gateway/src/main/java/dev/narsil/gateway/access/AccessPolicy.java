package dev.narsil.gateway.access;

/**
 * What is allowed without a token.
 *
 * @param openReads whether everybody may read on every listener; on a loopback listener everybody may anyway
 * @param anonymousWrites whether everybody may write on a loopback listener; elsewhere nobody may without a token
 */
public record AccessPolicy(boolean openReads, boolean anonymousWrites) {

    /** Reads on loopback listeners, and nothing else. */
    public static final AccessPolicy DEFAULT = new AccessPolicy(false, false);

    boolean allows(Permission permission, boolean loopback) {
        return switch (permission) {
            case READ -> loopback || openReads;
            case WRITE -> loopback && anonymousWrites;
            case ADMIN, PIN -> false;
        };
    }
}
