package dev.narsil.rewrite.nar;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The words and the bounds of the NAR grammar. */
final class NarGrammar {

    /** Length of a length word, and what every string is padded to a multiple of. */
    static final int WORD = 8;

    /** Longest tag; none of the grammar's comes near. */
    static final int MAX_TAG_LENGTH = 32;

    /** Little-endian {@code long} of a byte array. */
    static final VarHandle LENGTH = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    static final byte[] MAGIC = ascii("nix-archive-1");
    static final byte[] OPEN = ascii("(");
    static final byte[] CLOSE = ascii(")");
    static final byte[] TYPE = ascii("type");
    static final byte[] REGULAR = ascii("regular");
    static final byte[] EXECUTABLE = ascii("executable");
    static final byte[] CONTENTS = ascii("contents");
    static final byte[] SYMLINK = ascii("symlink");
    static final byte[] TARGET = ascii("target");
    static final byte[] DIRECTORY = ascii("directory");
    static final byte[] ENTRY = ascii("entry");
    static final byte[] NAME = ascii("name");
    static final byte[] NODE = ascii("node");

    private NarGrammar() {}

    /** Number of zeros after {@code length} bytes. */
    static int padding(long length) {
        return (int) -length & (WORD - 1);
    }

    /** Tells whether these bytes may be the name of a directory entry, but for their number. */
    static boolean isName(byte[] data, int off, int len) {
        if (len == 0 || (data[off] == '.' && (len == 1 || (len == 2 && data[off + 1] == '.')))) {
            return false;
        }
        for (int i = off; i < off + len; i++) {
            if (data[i] == '/' || data[i] == 0) {
                return false;
            }
        }
        return true;
    }

    /** Tells whether these bytes may be the target of a symlink, but for an upper bound of their number. */
    static boolean isTarget(byte[] data, int off, int len) {
        for (int i = off; i < off + len; i++) {
            if (data[i] == 0) {
                return false;
            }
        }
        return len > 0;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
