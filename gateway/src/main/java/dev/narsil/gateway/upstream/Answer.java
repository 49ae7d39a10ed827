package dev.narsil.gateway.upstream;

import dev.narsil.gateway.narinfo.NarInfo;

/** What one upstream says of a path. */
sealed interface Answer {

    /**
     * It has the path, and a signature that counts says so.
     *
     * @param text the narinfo as it came
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Found(NarInfo narInfo, byte[] text) implements Answer {}

    /** It does not have the path. */
    record Absent() implements Answer {}

    /**
     * It gave no answer, or one that cannot be used: this says nothing of the path.
     *
     * @param cut whether its connection broke, so that asking again may do
     */
    record Failed(String reason, boolean cut) implements Answer {}

    /** It gave a narinfo that is not to be believed. */
    record Lie(String reason) implements Answer {}
}
