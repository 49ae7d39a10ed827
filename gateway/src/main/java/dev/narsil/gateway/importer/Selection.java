package dev.narsil.gateway.importer;

import dev.narsil.gateway.source.CacheSource;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.source.SourceException;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Which paths to import. */
public sealed interface Selection {

    /**
     * Everything in each cache: as it is listed, or by the list {@code store-paths} or {@code store-paths.xz} at its
     * root.
     */
    record Everything() implements Selection {}

    /** These paths. */
    record Paths(List<WantedPath> paths) implements Selection {
        public Paths {
            paths = List.copyOf(paths);
        }
    }

    /** These paths, all they refer to, and so on. */
    record Closure(List<WantedPath> paths) implements Selection {
        public Closure {
            paths = List.copyOf(paths);
        }
    }

    /**
     * Tells {@code action} each path, without those that only references lead to; some may come twice.
     *
     * @throws SourceException if there is no way to tell what everything is
     */
    default void forEach(List<CacheSource> sources, StoreDir storeDir, Consumer<WantedPath> action) throws IOException {
        switch (this) {
            case Paths(List<WantedPath> paths) -> paths.forEach(action);
            case Closure(List<WantedPath> paths) -> paths.forEach(action);
            case Everything everything -> {
                for (CacheSource source : sources) {
                    if (source.canList()) {
                        source.listPaths(digest -> action.accept(WantedPath.of(digest)));
                    } else {
                        listed(source, storeDir).forEach(action);
                    }
                }
            }
        }
    }

    private static List<WantedPath> listed(CacheSource source, StoreDir storeDir) throws IOException {
        for (Compression compression : List.of(Compression.XZ, Compression.NONE)) {
            String name = compression == Compression.XZ ? "store-paths.xz" : "store-paths";
            Optional<InputStream> file = source.openResource(name);
            if (file.isPresent()) {
                try (InputStream raw = file.get();
                        InputStream in = compression.decode(raw)) {
                    return PathList.read(in, source.describe() + "/" + name, storeDir);
                }
            }
        }
        throw new SourceException(source.describe() + " cannot be listed and has no store-paths or store-paths.xz:"
                + " say which paths to import, one by one, in a list or as closures");
    }
}
