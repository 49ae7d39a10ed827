package dev.narsil.gateway.cli;

/**
 * How far a command is.
 *
 * @param what what it does, such as {@code import}
 * @param unit what it counts, in the plural, such as {@code paths}
 * @param done units finished well
 * @param failed units that failed
 * @param total units in all; negative while that is not known
 * @param bytes bytes of NAR, or raw bytes, worked through
 * @param storedBytes bytes on disk that this took; negative where nothing is stored
 */
record ProgressState(
        String what, String unit, long done, long failed, long total, long bytes, long storedBytes) {

    long finished() {
        return done + failed;
    }
}
