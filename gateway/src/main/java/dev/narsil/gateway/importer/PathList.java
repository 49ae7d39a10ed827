package dev.narsil.gateway.importer;

import dev.narsil.gateway.source.SourceException;
import dev.narsil.rewrite.path.StoreDir;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A text with a path in each line: a full path, a base name or a digest. White space around it, empty lines and lines
 * that start
 * with {@code #} are skipped.
 */
public final class PathList {

    /** Most paths in a list. */
    public static final int MAX_PATHS = 500_000;

    private static final int MAX_LINE_BYTES = 4096;

    private PathList() {}

    /**
     * Reads a list to its end.
     *
     * @param name what to call it in an error
     * @throws SourceException if a line is anything else; tells its number
     */
    public static List<WantedPath> read(InputStream in, String name, StoreDir storeDir) throws IOException {
        List<WantedPath> paths = new ArrayList<>();
        BufferedInputStream buffered = new BufferedInputStream(in);
        byte[] line = new byte[MAX_LINE_BYTES];
        int number = 0;
        boolean atEnd = false;
        while (!atEnd) {
            number++;
            int length = 0;
            int next = buffered.read();
            while (next >= 0 && next != '\n') {
                if (length == MAX_LINE_BYTES) {
                    throw error(name, number, "longer than " + MAX_LINE_BYTES + " bytes");
                }
                line[length++] = (byte) next;
                next = buffered.read();
            }
            atEnd = next < 0;
            String text = new String(line, 0, length, StandardCharsets.ISO_8859_1).strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            if (paths.size() == MAX_PATHS) {
                throw error(name, number, "more than " + MAX_PATHS + " paths");
            }
            try {
                paths.add(WantedPath.parse(storeDir, text));
            } catch (IllegalArgumentException e) {
                throw error(name, number, String.valueOf(e.getMessage()));
            }
        }
        return paths;
    }

    private static SourceException error(String name, int line, String reason) {
        return new SourceException(name + ", line " + line + ": " + reason);
    }
}
