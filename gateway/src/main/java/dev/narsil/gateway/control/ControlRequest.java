package dev.narsil.gateway.control;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A command for the process that owns the data directory.
 *
 * @param arguments the command line, without the program's name
 * @param folder the client's working directory, absolute
 * @param terminal where its output ends up
 */
public record ControlRequest(List<String> arguments, Path folder, Terminal terminal) {

    private static final int MAX_ARGUMENTS = 1 << 16;
    private static final int OUTPUT_BIT = 1;
    private static final int ERROR_BIT = 1 << 1;
    private static final int COLOR_BIT = 1 << 2;
    private static final int FIXED_BYTES = 1 + Short.BYTES;

    public ControlRequest {
        arguments = List.copyOf(arguments);
        if (arguments.size() > MAX_ARGUMENTS) {
            throw new IllegalArgumentException(
                    "a command has at most " + MAX_ARGUMENTS + " arguments, not " + arguments.size());
        }
        if (!folder.isAbsolute()) {
            throw new IllegalArgumentException("a working directory is absolute, not '" + folder + "'");
        }
    }

    byte[] encode() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(bytes);
        data.writeByte((terminal.output() ? OUTPUT_BIT : 0)
                | (terminal.error() ? ERROR_BIT : 0)
                | (terminal.color() ? COLOR_BIT : 0));
        data.writeShort(terminal.width());
        writeString(data, folder.toString());
        data.writeInt(arguments.size());
        for (String argument : arguments) {
            writeString(data, argument);
        }
        return bytes.toByteArray();
    }

    /** Reads what {@link #encode} writes, and nothing else. */
    static ControlRequest parse(byte[] payload) throws ControlException {
        ByteBuffer in = ByteBuffer.wrap(payload);
        require(in, FIXED_BYTES);
        int flags = in.get();
        if ((flags & ~(OUTPUT_BIT | ERROR_BIT | COLOR_BIT)) != 0) {
            throw new ControlException("request with unknown terminal flags 0x" + Integer.toHexString(flags & 0xff));
        }
        int width = Short.toUnsignedInt(in.getShort());
        if (width == 0) {
            throw new ControlException("request with a terminal of no columns");
        }
        Path folder = parseFolder(readString(in));
        require(in, Integer.BYTES);
        int count = in.getInt();
        if (count < 0 || count > MAX_ARGUMENTS) {
            throw new ControlException("request with " + Integer.toUnsignedString(count) + " arguments; at most "
                    + MAX_ARGUMENTS + " are allowed");
        }
        List<String> arguments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            arguments.add(readString(in));
        }
        if (in.hasRemaining()) {
            throw new ControlException("request with " + in.remaining() + " bytes after its end");
        }
        Terminal terminal = new Terminal(
                (flags & OUTPUT_BIT) != 0, (flags & ERROR_BIT) != 0, (flags & COLOR_BIT) != 0, width);
        return new ControlRequest(arguments, folder, terminal);
    }

    private static Path parseFolder(String text) throws ControlException {
        Path folder;
        try {
            folder = Path.of(text);
        } catch (InvalidPathException e) {
            throw new ControlException("request with an impossible working directory: " + e.getMessage());
        }
        if (!folder.isAbsolute()) {
            throw new ControlException("request with a working directory that is not absolute");
        }
        return folder;
    }

    private static void writeString(DataOutputStream data, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        data.writeInt(bytes.length);
        data.write(bytes);
    }

    private static String readString(ByteBuffer in) throws ControlException {
        require(in, Integer.BYTES);
        int length = in.getInt();
        if (length < 0) {
            throw new ControlException("request with a text of " + Integer.toUnsignedString(length) + " bytes");
        }
        require(in, length);
        ByteBuffer text = in.slice(in.position(), length);
        in.position(in.position() + length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(text).toString();
        } catch (CharacterCodingException e) {
            throw new ControlException("request with a text that is not UTF-8");
        }
    }

    private static void require(ByteBuffer in, int bytes) throws ControlException {
        if (in.remaining() < bytes) {
            throw new ControlException("request that ends early");
        }
    }
}
