package dev.narsil.gateway.replicas;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What one donor was asked for, and what is known of it.
 *
 * @param donor its name
 * @param requestId the id of the request there; may be empty
 * @param state what is known
 * @param wanted copies it was asked for, at least 1
 * @param held copies it says it has
 * @param asked when it was asked, in seconds
 * @param verified when blocks last came from it, in seconds; null for never
 * @param details what more there is to say; may be empty
 */
public record Replica(
        String donor,
        String requestId,
        State state,
        int wanted,
        int held,
        Instant asked,
        @Nullable Instant verified,
        String details) {

    /** Most characters of {@link #details()}. */
    static final int MAX_DETAILS = 300;

    /** What is known of copies. */
    public enum State {
        /** The donor was asked and has not said that it has it. */
        ASKED(0),
        /** The donor says that it has it, which cannot be checked. */
        CLAIMED(1),
        /** Blocks came from there. */
        VERIFIED(2),
        /** The donor says that it has it, and gave no blocks; or it does not know of it any more. */
        LOST(3),
        /** The donor says that it could not. */
        FAILED(4);

        private final int code;

        State(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Replica {
        details = details.length() <= MAX_DETAILS ? details : details.substring(0, MAX_DETAILS);
    }

    /** Returns one that was asked for now. */
    static Replica of(String donor, int copies, Instant now) {
        return new Replica(donor, "", State.ASKED, copies, 0, now, null, "");
    }

    /** Returns this after it was asked for another number of copies. */
    Replica askedFor(int copies, Instant now) {
        return new Replica(donor, requestId, state, copies, held, now, verified, details);
    }

    /** Returns this in another state. */
    Replica in(State newState, String newDetails) {
        return new Replica(donor, requestId, newState, wanted, held, asked, verified, newDetails);
    }

    /** Returns this as the donor tells of it. */
    Replica told(Holding holding, State newState) {
        return new Replica(
                donor, holding.requestId(), newState, wanted, holding.copies(), asked, verified, holding.details());
    }

    /** Returns this after blocks came from there. */
    Replica verifiedAt(Instant now) {
        return new Replica(donor, requestId, State.VERIFIED, wanted, held, asked, now, "");
    }

    /** Copies that were seen: one, however many the donor says it has. */
    public int verifiedCopies() {
        return state == State.VERIFIED ? 1 : 0;
    }

    /** Copies that the donor says it has and that were not seen. */
    public int claimedCopies() {
        return state == State.CLAIMED || state == State.VERIFIED ? Math.max(0, held - verifiedCopies()) : 0;
    }
}
