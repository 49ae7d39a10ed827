package dev.narsil.gateway.http;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a client of a trustless gateway wants of a CID (specs.ipfs.tech, trustless-gateway, version of 2025): the block, or a CAR of
 * what is below it.
 *
 * @param car whether it wants a CAR
 * @param scope how much of the DAG goes into the CAR
 */
record BlockFormat(boolean car, Scope scope) {

    private static final String FORMAT = "format";
    private static final String SCOPE = "dag-scope";
    private static final String ENTITY_BYTES = "entity-bytes";
    private static final String ALL_ENTITY_BYTES = "0:*";

    /** Which blocks a CAR has. */
    enum Scope {
        /** That of the CID alone. */
        BLOCK,
        /** Those of the file that it is. */
        ENTITY,
        /** All that can be reached. */
        ALL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Reads a request; empty if it wants something else.
     *
     * @param query what is behind the question mark, which counts more than the header
     * @param accept the Accept headers
     */
    static Optional<BlockFormat> of(String query, List<String> accept) {
        String format = parameter(query, FORMAT);
        if (format == null) {
            format = wanted(accept);
        }
        String scope = parameter(query, SCOPE);
        String bytes = parameter(query, ENTITY_BYTES);
        if (bytes != null && !bytes.equals(ALL_ENTITY_BYTES)) {
            return Optional.empty();
        }
        return switch (format) {
            case "raw" -> Optional.of(new BlockFormat(false, Scope.BLOCK));
            case "car" -> scope(scope).map(of -> new BlockFormat(true, of));
            case null, default -> Optional.empty();
        };
    }

    private static Optional<Scope> scope(@Nullable String name) {
        if (name == null) {
            return Optional.of(Scope.ALL);
        }
        return List.of(Scope.values()).stream()
                .filter(scope -> scope.toString().equals(name))
                .findFirst();
    }

    private static @Nullable String parameter(String query, String name) {
        for (String part : query.split("&", -1)) {
            if (part.startsWith(name + "=")) {
                return part.substring(name.length() + 1);
            }
        }
        return null;
    }

    private static @Nullable String wanted(List<String> accept) {
        for (String header : accept) {
            for (String type : header.split(",", -1)) {
                String plain = type.split(";", -1)[0].strip();
                if (plain.equalsIgnoreCase(ContentEndpoint.RAW_TYPE)) {
                    return "raw";
                }
                if (plain.equalsIgnoreCase(CarFile.TYPE)) {
                    return "car";
                }
            }
        }
        return null;
    }
}
