package dev.narsil.rewrite.nar;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A strict push parser of NARs. How the input is split makes no difference to the events, nor to where and why a NAR is
 * refused. Takes constant memory: contents pass by unseen, strings are held only up to their bounds. Not safe for use
 * by several threads.
 *
 * <p>A refusal names the offset of the token that is wrong (of its length word), of the first padding byte that is not
 * zero, of the first byte after the root node, or of the end of the input if that came too early. Reasons are in the
 * words of Nix 2.35 where it has some.
 */
public final class NarParser {

    /** Depth at which a node is refused; the root's is 0. */
    public static final int MAX_DEPTH = 64;

    /** Longest name of a directory entry in bytes. */
    public static final int MAX_NAME_LENGTH = 255;

    /** Longest target of a symlink in bytes. */
    public static final int MAX_TARGET_LENGTH = 4095;

    private static final byte[] ROOT_NAME = {};
    private static final String NOT_A_NAR = "input doesn't look like a Nix archive";

    /** What the grammar wants next, and how long that may be. */
    private enum Next {
        MAGIC(NarGrammar.MAGIC.length),
        NODE_OPEN(NarGrammar.MAX_TAG_LENGTH),
        TYPE_TAG(NarGrammar.MAX_TAG_LENGTH),
        TYPE(NarGrammar.MAX_TAG_LENGTH),
        EXECUTABLE_OR_CONTENTS_TAG(NarGrammar.MAX_TAG_LENGTH),
        EXECUTABLE_VALUE(NarGrammar.MAX_TAG_LENGTH),
        CONTENTS_TAG(NarGrammar.MAX_TAG_LENGTH),
        CONTENTS(0),
        TARGET_TAG(NarGrammar.MAX_TAG_LENGTH),
        TARGET(MAX_TARGET_LENGTH),
        NODE_CLOSE(NarGrammar.MAX_TAG_LENGTH),
        ENTRY_OR_CLOSE(NarGrammar.MAX_TAG_LENGTH),
        ENTRY_OPEN(NarGrammar.MAX_TAG_LENGTH),
        NAME_TAG(NarGrammar.MAX_TAG_LENGTH),
        NAME(MAX_NAME_LENGTH),
        NODE_TAG(NarGrammar.MAX_TAG_LENGTH),
        ENTRY_CLOSE(NarGrammar.MAX_TAG_LENGTH),
        END(0);

        private final int maxLength;

        Next(int maxLength) {
            this.maxLength = maxLength;
        }
    }

    private final NarVisitor visitor;
    private final byte[] held = new byte[NarGrammar.WORD + MAX_TARGET_LENGTH + 1];
    private final byte[] @Nullable [] lastNames = new byte[MAX_DEPTH][];

    private Next next = Next.MAGIC;
    private int heldLength;
    private long offset;
    private long tokenStart;
    private long contentsRemaining;
    private int paddingRemaining;
    private int openDirectories;
    private byte[] name = ROOT_NAME;
    private boolean executable;
    private @Nullable NarException failure;

    /** A parser that tells {@code visitor} of the nodes as soon as they are known. */
    public NarParser(NarVisitor visitor) {
        this.visitor = visitor;
    }

    /**
     * Takes the next bytes of the NAR.
     *
     * @throws NarException if they, with those before them, do not begin a NAR; then every later call throws it too
     */
    public void feed(byte[] data, int off, int len) throws NarException {
        Objects.checkFromIndexSize(off, len, data.length);
        failAgain();
        int end = off + len;
        for (int at = off; at < end; ) {
            if (contentsRemaining > 0) {
                int n = (int) Math.min(contentsRemaining, end - at);
                skipContents(n);
                at += n;
            } else if (paddingRemaining > 0) {
                if (data[at] != 0) {
                    throw fail(offset, "non-zero padding");
                }
                paddingRemaining--;
                offset++;
                at++;
            } else if (next == Next.END) {
                throw fail(offset, "bytes after the end of the NAR");
            } else {
                at += token(data, at, end);
            }
        }
    }

    /** Bytes of the contents of the file being read that were not fed or skipped; 0 outside of contents. */
    public long contentsRemaining() {
        return contentsRemaining;
    }

    /**
     * Passes over contents without being fed them.
     *
     * @throws IllegalArgumentException if {@code bytes} is negative or more than {@link #contentsRemaining()}
     */
    public void skipContents(long bytes) {
        if (bytes < 0 || bytes > contentsRemaining) {
            throw new IllegalArgumentException(
                    "cannot skip " + bytes + " bytes where " + contentsRemaining + " bytes of contents remain");
        }
        contentsRemaining -= bytes;
        offset += bytes;
    }

    /** Number of bytes fed and skipped; once the NAR was refused, the offset where. */
    public long offset() {
        return offset;
    }

    /**
     * Ends the NAR.
     *
     * @throws NarException if it is not complete, or was refused before
     */
    public void finish() throws NarException {
        failAgain();
        if (next != Next.END) {
            throw fail(offset, "the NAR ends too early");
        }
    }

    /** Takes bytes of a string at {@code at}, handles the string once it is complete, and returns how many it took. */
    private int token(byte[] data, int at, int end) throws NarException {
        int available = end - at;
        if (heldLength > 0 || available < NarGrammar.WORD) {
            return hold(data, at, end);
        }
        tokenStart = offset;
        long length = checkedLength((long) NarGrammar.LENGTH.get(data, at));
        if (next == Next.CONTENTS) {
            offset += NarGrammar.WORD;
            contents(length);
            return NarGrammar.WORD;
        }
        int total = NarGrammar.WORD + (int) length + NarGrammar.padding(length);
        if (available < total) {
            return hold(data, at, end);
        }
        offset += total;
        string(data, at + NarGrammar.WORD, (int) length);
        return total;
    }

    /** As {@link #token}, for a string that is split over calls. */
    private int hold(byte[] data, int at, int end) throws NarException {
        if (heldLength == 0) {
            tokenStart = offset;
        }
        if (heldLength < NarGrammar.WORD) {
            int n = keep(data, at, end, NarGrammar.WORD);
            if (heldLength == NarGrammar.WORD) {
                long length = checkedLength((long) NarGrammar.LENGTH.get(held, 0));
                if (next == Next.CONTENTS) {
                    heldLength = 0;
                    contents(length);
                } else {
                    finishHeld((int) length);
                }
            }
            return n;
        }
        int length = (int) (long) NarGrammar.LENGTH.get(held, 0);
        int n = keep(data, at, end, NarGrammar.WORD + length + NarGrammar.padding(length));
        finishHeld(length);
        return n;
    }

    private int keep(byte[] data, int at, int end, int wanted) {
        int n = Math.min(end - at, wanted - heldLength);
        System.arraycopy(data, at, held, heldLength, n);
        heldLength += n;
        offset += n;
        return n;
    }

    private void finishHeld(int length) throws NarException {
        if (heldLength == NarGrammar.WORD + length + NarGrammar.padding(length)) {
            heldLength = 0;
            string(held, NarGrammar.WORD, length);
        }
    }

    private long checkedLength(long length) throws NarException {
        if (next == Next.CONTENTS) {
            if (length < 0 || length > Long.MAX_VALUE - tokenStart - 2 * NarGrammar.WORD) {
                throw fail(tokenStart, "file is too long");
            }
        } else if (next == Next.MAGIC) {
            if (length != NarGrammar.MAGIC.length) {
                throw fail(tokenStart, NOT_A_NAR);
            }
        } else if (length < 0 || length > next.maxLength) {
            throw fail(tokenStart, "string is too long");
        }
        return length;
    }

    private void contents(long size) {
        contentsRemaining = size;
        paddingRemaining = NarGrammar.padding(size);
        next = Next.NODE_CLOSE;
        visitor.regular(name, executable, size, tokenStart + NarGrammar.WORD);
    }

    /** Handles a complete string of {@code len} bytes at {@code off}, which its padding follows. */
    private void string(byte[] data, int off, int len) throws NarException {
        int paddingStart = off + len;
        for (int i = paddingStart; i < paddingStart + NarGrammar.padding(len); i++) {
            if (data[i] != 0) {
                throw fail(tokenStart + NarGrammar.WORD + (i - off), "non-zero padding");
            }
        }
        switch (next) {
            case MAGIC -> {
                if (!is(NarGrammar.MAGIC, data, off, len)) {
                    throw fail(tokenStart, NOT_A_NAR);
                }
                next = Next.NODE_OPEN;
            }
            case NODE_OPEN -> expect(NarGrammar.OPEN, data, off, len, Next.TYPE_TAG);
            case TYPE_TAG -> expect(NarGrammar.TYPE, data, off, len, Next.TYPE);
            case TYPE -> type(data, off, len);
            case EXECUTABLE_OR_CONTENTS_TAG -> {
                executable = is(NarGrammar.EXECUTABLE, data, off, len);
                if (executable) {
                    next = Next.EXECUTABLE_VALUE;
                } else {
                    expect(NarGrammar.CONTENTS, data, off, len, Next.CONTENTS);
                }
            }
            case EXECUTABLE_VALUE -> {
                if (len != 0) {
                    throw fail(tokenStart, "executable marker has non-empty value");
                }
                next = Next.CONTENTS_TAG;
            }
            case CONTENTS_TAG -> expect(NarGrammar.CONTENTS, data, off, len, Next.CONTENTS);
            case TARGET_TAG -> expect(NarGrammar.TARGET, data, off, len, Next.TARGET);
            case TARGET -> {
                if (!NarGrammar.isTarget(data, off, len)) {
                    throw fail(tokenStart, "NAR contains invalid symlink target");
                }
                next = Next.NODE_CLOSE;
                visitor.symlink(name, Arrays.copyOfRange(data, off, off + len));
            }
            case NODE_CLOSE -> {
                expect(NarGrammar.CLOSE, data, off, len, Next.NODE_CLOSE);
                nodeEnds();
            }
            case ENTRY_OR_CLOSE -> entryOrClose(data, off, len);
            case ENTRY_OPEN -> expect(NarGrammar.OPEN, data, off, len, Next.NAME_TAG);
            case NAME_TAG -> expect(NarGrammar.NAME, data, off, len, Next.NAME);
            case NAME -> name(data, off, len);
            case NODE_TAG -> {
                expect(NarGrammar.NODE, data, off, len, Next.NODE_OPEN);
                if (openDirectories == MAX_DEPTH) {
                    throw fail(offset, "NAR directory nesting exceeds maximum depth of " + MAX_DEPTH);
                }
            }
            case ENTRY_CLOSE -> expect(NarGrammar.CLOSE, data, off, len, Next.ENTRY_OR_CLOSE);
            case CONTENTS, END -> throw new IllegalStateException("no string is read in state " + next);
        }
    }

    private void type(byte[] data, int off, int len) throws NarException {
        if (is(NarGrammar.REGULAR, data, off, len)) {
            next = Next.EXECUTABLE_OR_CONTENTS_TAG;
        } else if (is(NarGrammar.DIRECTORY, data, off, len)) {
            next = Next.ENTRY_OR_CLOSE;
            lastNames[openDirectories++] = null;
            visitor.directory(name);
        } else if (is(NarGrammar.SYMLINK, data, off, len)) {
            next = Next.TARGET_TAG;
        } else {
            throw fail(tokenStart, "unknown file type '" + printable(data, off, len) + "'");
        }
    }

    private void entryOrClose(byte[] data, int off, int len) throws NarException {
        if (is(NarGrammar.ENTRY, data, off, len)) {
            next = Next.ENTRY_OPEN;
        } else if (is(NarGrammar.CLOSE, data, off, len)) {
            openDirectories--;
            nodeEnds();
            visitor.endDirectory();
        } else {
            throw fail(tokenStart, "expected tag 'entry' or ')', got '" + printable(data, off, len) + "'");
        }
    }

    private void name(byte[] data, int off, int len) throws NarException {
        if (!NarGrammar.isName(data, off, len)) {
            throw fail(tokenStart, "NAR contains invalid file name '" + printable(data, off, len) + "'");
        }
        byte[] last = lastNames[openDirectories - 1];
        if (last != null && Arrays.compareUnsigned(last, 0, last.length, data, off, off + len) >= 0) {
            throw fail(tokenStart, "NAR directory is not sorted");
        }
        // one copy for the order, one for the visitor, who may keep and change it
        lastNames[openDirectories - 1] = Arrays.copyOfRange(data, off, off + len);
        name = Arrays.copyOfRange(data, off, off + len);
        next = Next.NODE_TAG;
    }

    private void nodeEnds() {
        next = openDirectories == 0 ? Next.END : Next.ENTRY_CLOSE;
    }

    private void expect(byte[] tag, byte[] data, int off, int len, Next then) throws NarException {
        if (!is(tag, data, off, len)) {
            throw fail(
                    tokenStart,
                    "expected tag '" + printable(tag, 0, tag.length) + "', got '" + printable(data, off, len) + "'");
        }
        next = then;
    }

    private static boolean is(byte[] tag, byte[] data, int off, int len) {
        return Arrays.equals(tag, 0, tag.length, data, off, off + len);
    }

    private static String printable(byte[] data, int off, int len) {
        StringBuilder text = new StringBuilder();
        for (int i = off; i < off + len; i++) {
            int b = data[i] & 0xff;
            if (b < ' ' || b > '~') {
                text.append(String.format("\\x%02x", b));
            } else {
                text.append((char) b);
            }
        }
        return text.toString();
    }

    private void failAgain() throws NarException {
        if (failure != null) {
            throw failure;
        }
    }

    private NarException fail(long at, String reason) {
        offset = at;
        contentsRemaining = 0;
        failure = new NarException(at, reason);
        return failure;
    }
}
