package dev.narsil.gateway.upstream;

import dev.narsil.blockstore.PathInfo;

/** What became of the search for a path. */
sealed interface Outcome {

    /** An upstream has it. */
    record Found(RemotePath path) implements Outcome {}

    /** It is in the store by now. */
    record Stored(PathInfo info) implements Outcome {}

    /** Every upstream said that it does not have it. */
    record Absent() implements Outcome {}

    /** Nobody has it who answered, but not all did. */
    record Unknown() implements Outcome {}
}
