package dev.narsil.gateway.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A list of store paths: one a line, in any form {@link StorePathArgument} takes; empty lines and {@code #} lines are skipped. */
final class PathList {

    /** Longest line, in bytes. */
    private static final int MAX_LINE = 4096;

    private PathList() {}

    /** Reads the list a user named; {@code -} is standard input. */
    static List<StorePathArgument> read(String file, Invocation invocation) throws IOException {
        if (file.equals("-")) {
            return read(invocation.streams().in(), "standard input");
        }
        Path path = invocation.folder().resolve(file);
        try (InputStream in = Files.newInputStream(path)) {
            return read(in, path.toString());
        } catch (NoSuchFileException | AccessDeniedException e) {
            throw new CommandException(
                    ExitCode.FAILED,
                    Failures.reason(e) + " (where 'narsil serve' runs, it reads the file; '--paths-from -' reads yours)");
        }
    }

    static List<StorePathArgument> read(InputStream in, String name) throws IOException {
        List<StorePathArgument> paths = new ArrayList<>();
        BufferedInputStream bytes = new BufferedInputStream(in);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int number = 1;
        for (int b = bytes.read(); b >= 0; b = bytes.read()) {
            if (b == '\n') {
                add(paths, line, name, number++);
                line.reset();
            } else if (line.size() == MAX_LINE) {
                throw new CommandException(
                        ExitCode.FAILED, name + ", line " + number + ": longer than " + MAX_LINE + " bytes");
            } else {
                line.write(b);
            }
        }
        add(paths, line, name, number);
        return paths;
    }

    private static void add(List<StorePathArgument> paths, ByteArrayOutputStream line, String name, int number)
            throws CommandException {
        String text = line.toString(StandardCharsets.UTF_8).strip();
        if (text.isEmpty() || text.startsWith("#")) {
            return;
        }
        try {
            paths.add(StorePathArgument.parse(text));
        } catch (IllegalArgumentException e) {
            throw new CommandException(ExitCode.FAILED, name + ", line " + number + ": " + e.getMessage());
        }
    }
}
