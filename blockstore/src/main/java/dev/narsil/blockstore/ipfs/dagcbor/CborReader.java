package dev.narsil.blockstore.ipfs.dagcbor;

import dev.narsil.blockstore.codec.ByteReader;
import dev.narsil.blockstore.codec.FormatException;
import dev.narsil.blockstore.ipfs.cid.Cid;
import java.nio.charset.StandardCharsets;

/**
 * Reads one value of dag-cbor from front to back, strictly. The caller asks for what it expects next; every method
 * throws {@link FormatException} if something else comes, or what comes is not in canonical form. What was opened
 * needs no closing: when all its values are read, the next is that of what is around it.
 */
public final class CborReader {

    /** Most arrays and maps inside each other. */
    public static final int MAX_DEPTH = 64;

    private static final int LINK_TAG = 42;
    private static final String[] MAJOR = {
        "an integer", "a negative integer", "bytes", "a text", "an array", "a map", "a tag", "a simple value"
    };

    private final ByteReader in;
    private final Nesting<FormatException> nesting;

    /** A reader of {@code bytes}, which are named {@code what} in messages. */
    public CborReader(String what, byte[] bytes) {
        this.in = new ByteReader(what, bytes);
        this.nesting = new Nesting<>(in::corrupt);
    }

    /** Returns the kind of the value that comes next. */
    public CborKind kind() throws FormatException {
        int first = in.peek();
        return switch (first >> 5) {
            case 0, 1 -> CborKind.INTEGER;
            case 2 -> CborKind.BYTES;
            case 3 -> CborKind.TEXT;
            case 4 -> CborKind.ARRAY;
            case 5 -> CborKind.MAP;
            case 6 -> CborKind.LINK;
            case 7 ->
                switch (first & 31) {
                    case 20, 21 -> CborKind.BOOLEAN;
                    case 22 -> CborKind.NULL;
                    default -> throw in.corrupt("0x" + Integer.toHexString(first) + " begins no value");
                };
            default -> throw in.corrupt("it ends early");
        };
    }

    /** Enters a map and returns the number of its entries, each a {@link #key} and a value. */
    public int map() throws FormatException {
        nesting.value();
        long entries = head(5);
        return open(true, entries, 2);
    }

    /** Reads the key of the next entry. */
    public String key() throws FormatException {
        String key = utf8();
        nesting.key(key.getBytes(StandardCharsets.UTF_8));
        return key;
    }

    /** Enters an array and returns the number of its values. */
    public int array() throws FormatException {
        nesting.value();
        long values = head(4);
        return open(false, values, 1);
    }

    /** Reads an integer. */
    public long integer() throws FormatException {
        nesting.value();
        return in.peek() >> 5 == 1 ? ~head(1) : head(0);
    }

    /** Reads an integer that is not negative. */
    public long size() throws FormatException {
        long value = integer();
        if (value < 0) {
            throw in.corrupt("a size is negative");
        }
        return value;
    }

    /** Reads bytes. */
    public byte[] bytes() throws FormatException {
        nesting.value();
        return in.bytes(length(2));
    }

    /** Reads a text. */
    public String text() throws FormatException {
        nesting.value();
        return utf8();
    }

    /** Reads a link. */
    public Cid link() throws FormatException {
        nesting.value();
        long tag = head(6);
        if (tag != LINK_TAG) {
            throw in.corrupt("tag " + tag + " is not that of a link");
        }
        int length = length(2);
        int end = in.position() + length;
        if (length == 0 || in.u8() != 0) {
            throw in.corrupt("a link does not begin with byte 0");
        }
        Cid cid = Cid.read(in);
        if (in.position() != end) {
            throw in.corrupt("a link has not the length announced");
        }
        return cid;
    }

    /** Reads a boolean. */
    public boolean bool() throws FormatException {
        requireKind(CborKind.BOOLEAN);
        nesting.value();
        return in.u8() == (7 << 5 | 21);
    }

    /** Reads null. */
    public void nothing() throws FormatException {
        requireKind(CborKind.NULL);
        nesting.value();
        in.skip(1);
    }

    /** Checks that the value is complete and nothing follows it. */
    public void finish() throws FormatException {
        nesting.finish();
        in.finish();
    }

    /** Returns the error that says the value is not what it should be, where and how. */
    public FormatException corrupt(String reason) {
        return in.corrupt(reason);
    }

    private void requireKind(CborKind expected) throws FormatException {
        if (kind() != expected) {
            throw in.corrupt(kind() + " where " + expected + " was expected");
        }
    }

    private int open(boolean map, long values, int bytesEach) throws FormatException {
        if (values > in.remaining() / bytesEach) {
            throw in.corrupt("it ends early");
        }
        if (nesting.depth() == MAX_DEPTH) {
            throw in.corrupt("values are nested more than " + MAX_DEPTH + " deep");
        }
        nesting.open(map, values);
        return (int) values;
    }

    private String utf8() throws FormatException {
        return in.utf8(length(3));
    }

    /** Reads the head of bytes or of a text and returns how many bytes follow. */
    private int length(int major) throws FormatException {
        long length = head(major);
        if (length > in.remaining()) {
            throw in.corrupt("it ends early");
        }
        return (int) length;
    }

    /** Reads the head of a value of this major type and returns its argument. */
    private long head(int major) throws FormatException {
        int first = in.u8();
        if (first >> 5 != major) {
            throw in.corrupt(MAJOR[first >> 5] + " where " + MAJOR[major] + " was expected");
        }
        int info = first & 31;
        if (info < 24) {
            return info;
        }
        if (info > 27) {
            throw in.corrupt("a length is indefinite or reserved");
        }
        int bytes = 1 << (info - 24);
        long argument = 0;
        for (int i = 0; i < bytes; i++) {
            argument = argument << 8 | in.u8();
        }
        if (argument < 0) {
            throw in.corrupt("a number has more than 63 bits");
        }
        if (bytes == 1 ? argument < 24 : argument >>> (4 * bytes) == 0) {
            throw in.corrupt("a number is not in its shortest form");
        }
        return argument;
    }
}
