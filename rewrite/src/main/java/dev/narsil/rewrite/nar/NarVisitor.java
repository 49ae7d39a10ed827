package dev.narsil.rewrite.nar;

/**
 * Receives the nodes of a NAR in the order they stand in it. The root's name is empty; names and targets are raw bytes
 * and belong to the receiver.
 */
public interface NarVisitor {

    /** A directory opens; its entries follow until {@link #endDirectory()}. */
    default void directory(byte[] name) {}

    /** The innermost open directory ends. */
    default void endDirectory() {}

    /**
     * A regular file, told of before its contents arrive.
     *
     * @param size length of the contents in bytes, without padding
     * @param contentsOffset offset in the NAR of the first byte of the contents
     */
    default void regular(byte[] name, boolean executable, long size, long contentsOffset) {}

    /** A symlink. */
    default void symlink(byte[] name, byte[] target) {}
}
