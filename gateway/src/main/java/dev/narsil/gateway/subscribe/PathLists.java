package dev.narsil.gateway.subscribe;

import dev.narsil.gateway.importer.PathList;
import dev.narsil.gateway.importer.WantedPath;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.HttpConnections;
import dev.narsil.gateway.source.HttpHead;
import dev.narsil.gateway.source.HttpLimits;
import dev.narsil.gateway.source.HttpReply;
import dev.narsil.gateway.source.HttpUrls;
import dev.narsil.rewrite.path.StoreDir;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lists of paths: texts as {@link PathList} reads them, as they are or compressed as their first bytes say. Every list
 * is bounded in bytes, before and after decompression, in paths and in time. For one thread.
 */
final class PathLists implements AutoCloseable {

    /** Most bytes of a list, compressed or not. */
    static final long MAX_BYTES = 64L << 20;

    /** Time in which a list has to come. */
    static final Duration TIME = Duration.ofMinutes(10);

    private static final HttpLimits LIMITS =
            new HttpLimits(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(30), 2, 5);

    private final StoreDir storeDir;
    private final NamedFiles names;
    private final HttpConnections connections = HttpConnections.open(LIMITS);

    /** Lists of paths of this store directory; those with a name of IPNS come by {@code names}. */
    PathLists(StoreDir storeDir, NamedFiles names) {
        this.storeDir = storeDir;
        this.names = names;
    }

    /**
     * A list.
     *
     * @param validator what tells this state of it from others; empty for nothing
     * @param paths what it names
     */
    record Listed(String validator, List<WantedPath> paths) {}

    /**
     * Reads the list a source is of; empty if it still is in the state that {@code validator} tells.
     *
     * @param validator of an earlier call; empty to read it in any case
     * @throws IOException if it cannot be had, or is none
     */
    Optional<Listed> read(SubscriptionSource source, String validator) throws IOException {
        return switch (source.kind()) {
            case PATH -> Optional.of(new Listed("", List.of(WantedPath.of(source.path()))));
            case LIST -> readUrl(source.url(), validator);
            case NAME -> readName(source, validator);
        };
    }

    private Optional<Listed> readUrl(URI url, String validator) throws IOException {
        HttpReply reply = connections.get(url, condition(validator), null);
        HttpHead head = reply.head();
        if (head.status() == 304 && !validator.isEmpty()) {
            reply.body().discard();
            return Optional.empty();
        }
        if (head.status() != 200) {
            reply.body().discard();
            throw new IOException(HttpUrls.told(url) + ": HTTP status " + head.status());
        }
        String coding = head.contentCoding();
        Compression compression = coding == null ? Compression.NONE : Compression.of(coding);
        try (InputStream body = bounded(reply.body());
                InputStream decoded = compression.decode(body)) {
            return Optional.of(new Listed(validator(head), paths(decoded, HttpUrls.told(url))));
        }
    }

    private Optional<Listed> readName(SubscriptionSource source, String validator) throws IOException {
        String path = names.resolve(source.name());
        if (path.equals(validator)) {
            return Optional.empty();
        }
        try (InputStream file = bounded(names.open(path))) {
            return Optional.of(new Listed(path, paths(file, source.text())));
        }
    }

    private static Map<String, String> condition(String validator) {
        if (validator.isEmpty()) {
            return Map.of();
        }
        boolean tag = validator.endsWith("\"");
        return Map.of(tag ? "If-None-Match" : "If-Modified-Since", validator);
    }

    private static String validator(HttpHead head) {
        String tag = head.header("ETag");
        String told = tag != null && tag.matches("(W/)?\"[!#-~]*\"") ? tag : head.header("Last-Modified");
        if (told == null || told.length() > SubscriptionState.MAX_VALIDATOR) {
            return "";
        }
        return told.chars().allMatch(c -> c >= ' ' && c <= '~') ? told : "";
    }

    private static InputStream bounded(InputStream in) {
        return new ListBound(in, MAX_BYTES, TIME);
    }

    private List<WantedPath> paths(InputStream in, String name) throws IOException {
        BufferedInputStream file = new BufferedInputStream(in);
        file.mark(Compression.MAGIC_BYTES);
        byte[] first = file.readNBytes(Compression.MAGIC_BYTES);
        file.reset();
        Optional<Compression> compression = Compression.detect(first, first.length);
        try (InputStream decoded = compression.orElse(Compression.NONE).decode(file)) {
            return PathList.read(bounded(decoded), name, storeDir);
        }
    }

    @Override
    public void close() {
        connections.close();
    }
}
