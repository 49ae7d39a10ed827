package dev.narsil.rewrite.nar;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes one canonical NAR to a stream. What {@link NarParser} would refuse cannot be written: calls out of order throw
 * {@link IllegalStateException}, bad names, targets and sizes {@link IllegalArgumentException}. Not safe for use by
 * several threads.
 *
 * <p>In a directory every node is announced by {@link #entry}; the root is not.
 */
public final class NarWriter {

    private static final int BUFFER_BYTES = 1 << 16;
    private static final byte[] ZEROS = new byte[NarGrammar.WORD];

    private enum State {
        NODE,
        ENTRY,
        CONTENTS,
        END
    }

    private final OutputStream out;
    private final byte[] word = new byte[NarGrammar.WORD];
    private final byte[] @Nullable [] lastNames = new byte[NarParser.MAX_DEPTH][];

    private State state = State.NODE;
    private int openDirectories;
    private long contentsRemaining;
    private int contentsPadding;

    /** A writer to {@code out}, which it never closes. */
    public NarWriter(OutputStream out) throws IOException {
        this.out = new BufferedOutputStream(out, BUFFER_BYTES);
        string(NarGrammar.MAGIC);
    }

    /** Opens a directory; its entries follow, in ascending order of the unsigned bytes of their names. */
    public void startDirectory() throws IOException {
        startNode(NarGrammar.DIRECTORY);
        lastNames[openDirectories++] = null;
        state = State.ENTRY;
    }

    /** Names the next node of the innermost open directory. */
    public void entry(byte[] name) throws IOException {
        require(State.ENTRY);
        if (name.length > NarParser.MAX_NAME_LENGTH || !NarGrammar.isName(name, 0, name.length)) {
            throw new IllegalArgumentException("not a name of a directory entry: " + Arrays.toString(name));
        }
        byte[] last = lastNames[openDirectories - 1];
        if (last != null && Arrays.compareUnsigned(last, name) >= 0) {
            throw new IllegalArgumentException("not in ascending order: " + Arrays.toString(name));
        }
        if (openDirectories == NarParser.MAX_DEPTH) {
            throw new IllegalStateException("a node at depth " + NarParser.MAX_DEPTH);
        }
        lastNames[openDirectories - 1] = name.clone();
        string(NarGrammar.ENTRY);
        string(NarGrammar.OPEN);
        string(NarGrammar.NAME);
        string(name);
        string(NarGrammar.NODE);
        state = State.NODE;
    }

    /** Closes the innermost open directory. */
    public void endDirectory() throws IOException {
        require(State.ENTRY);
        openDirectories--;
        endNode();
    }

    /** Writes a symlink. */
    public void symlink(byte[] target) throws IOException {
        if (target.length > NarParser.MAX_TARGET_LENGTH || !NarGrammar.isTarget(target, 0, target.length)) {
            throw new IllegalArgumentException("not a target of a symlink: " + Arrays.toString(target));
        }
        startNode(NarGrammar.SYMLINK);
        string(NarGrammar.TARGET);
        string(target);
        endNode();
    }

    /** Writes a regular file. */
    public void regular(boolean executable, byte[] contents) throws IOException {
        startRegular(executable, contents.length);
        contents(contents, 0, contents.length);
        endRegular();
    }

    /**
     * Writes a regular file of {@code size} bytes, read from {@code contents}.
     *
     * @throws IllegalArgumentException if {@code contents} ends before; what it has beyond stays unread
     */
    public void regular(boolean executable, long size, InputStream contents) throws IOException {
        startRegular(executable, size);
        byte[] buffer = new byte[BUFFER_BYTES];
        while (contentsRemaining > 0) {
            int n = contents.read(buffer, 0, (int) Math.min(buffer.length, contentsRemaining));
            if (n < 0) {
                throw new IllegalArgumentException("contents end " + contentsRemaining + " bytes too early");
            }
            contents(buffer, 0, n);
        }
        endRegular();
    }

    /** Opens a regular file of exactly {@code size} bytes; its {@link #contents} follow. */
    public void startRegular(boolean executable, long size) throws IOException {
        if (size < 0) {
            throw new IllegalArgumentException("negative size: " + size);
        }
        startNode(NarGrammar.REGULAR);
        if (executable) {
            string(NarGrammar.EXECUTABLE);
            length(0);
        }
        string(NarGrammar.CONTENTS);
        length(size);
        contentsRemaining = size;
        contentsPadding = NarGrammar.padding(size);
        state = State.CONTENTS;
    }

    /** Writes the next bytes of the open regular file. */
    public void contents(byte[] data, int off, int len) throws IOException {
        require(State.CONTENTS);
        if (len > contentsRemaining) {
            throw new IllegalArgumentException(len + " bytes where " + contentsRemaining + " bytes of contents remain");
        }
        out.write(data, off, len);
        contentsRemaining -= len;
    }

    /** Closes the open regular file. */
    public void endRegular() throws IOException {
        require(State.CONTENTS);
        if (contentsRemaining > 0) {
            throw new IllegalStateException(contentsRemaining + " bytes of contents are missing");
        }
        out.write(ZEROS, 0, contentsPadding);
        endNode();
    }

    /** Ends the NAR and flushes the stream. */
    public void finish() throws IOException {
        require(State.END);
        out.flush();
    }

    private void startNode(byte[] type) throws IOException {
        require(State.NODE);
        string(NarGrammar.OPEN);
        string(NarGrammar.TYPE);
        string(type);
    }

    private void endNode() throws IOException {
        string(NarGrammar.CLOSE);
        if (openDirectories == 0) {
            state = State.END;
        } else {
            string(NarGrammar.CLOSE);
            state = State.ENTRY;
        }
    }

    private void string(byte[] text) throws IOException {
        length(text.length);
        out.write(text, 0, text.length);
        out.write(ZEROS, 0, NarGrammar.padding(text.length));
    }

    private void length(long length) throws IOException {
        NarGrammar.LENGTH.set(word, 0, length);
        out.write(word, 0, NarGrammar.WORD);
    }

    private void require(State wanted) {
        if (state != wanted) {
            throw new IllegalStateException("wants " + wanted + ", is at " + state);
        }
    }
}
