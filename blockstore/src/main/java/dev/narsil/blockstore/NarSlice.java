package dev.narsil.blockstore;

/** Some bytes of a NAR, in an array that may be shared: it must not be written to. */
@SuppressWarnings("ArrayRecordComponent")
public record NarSlice(byte[] array, int offset, int length) {}
