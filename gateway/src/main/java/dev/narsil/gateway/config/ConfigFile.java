package dev.narsil.gateway.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What one configuration file sets. It is TOML 1.0; a key that is none is refused.
 *
 * @param path where it is, absolute
 * @param values what it sets, as texts
 */
public record ConfigFile(Path path, Map<Setting<?>, Value> values) {

    /** Longest file, in bytes. */
    static final int MAX_BYTES = 256 << 10;

    /** The texts of a value and the line they are in. */
    public record Value(List<String> texts, int line) {
        public Value {
            texts = List.copyOf(texts);
        }
    }

    public ConfigFile {
        values = Map.copyOf(values);
    }

    /**
     * Reads a file.
     *
     * @throws ConfigException if it is not there or anything in it is wrong
     */
    public static ConfigFile read(Path path) throws ConfigException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(path)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (NoSuchFileException e) {
            throw problem(path, "no such file");
        } catch (IOException e) {
            throw problem(path, "cannot be read: " + e.getMessage());
        }
        if (bytes.length > MAX_BYTES) {
            throw problem(path, "longer than " + MAX_BYTES + " bytes");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return parse(path, text);
        } catch (CharacterCodingException e) {
            throw problem(path, "not UTF-8");
        }
    }

    /** Reads the text of a file. */
    static ConfigFile parse(Path path, String text) throws ConfigException {
        return new ConfigFile(path, new ConfigFileParser(path).parse(text));
    }

    private static ConfigException problem(Path path, String reason) {
        return new ConfigException(List.of(path + ": " + reason));
    }
}
