package dev.narsil.gateway.cli;

import dev.narsil.gateway.importer.ImportOptions;
import dev.narsil.gateway.narinfo.PublicKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The options that say what to import, from where, and whose signatures count. */
final class ImportSelection {

    @Parameters(
            paramLabel = "SOURCE",
            arity = "1..*",
            converter = SourceConverter.class,
            description = "A binary cache: file:///dir, http://... or https://...; "
                    + "of several, each path comes from the first that has it.")
    private List<String> sources = new ArrayList<>();

    @Option(
            names = "--paths-from",
            paramLabel = "FILE",
            description = "Import the store paths listed in FILE, one a line; - reads standard input.")
    private @Nullable String pathsFrom;

    @Option(
            names = "--closure-of",
            paramLabel = "STORE_PATH",
            arity = "1..*",
            converter = StorePathArgument.Converter.class,
            description = "Import these store paths and all they refer to.")
    private List<StorePathArgument> closureOf = new ArrayList<>();

    @Option(
            names = "--trusted-key",
            paramLabel = "NAME:KEY",
            arity = "1..*",
            converter = KeyConverter.class,
            description = "Accept signatures by these public keys, besides the one of cache.nixos.org.")
    private List<PublicKey> trustedKeys = new ArrayList<>();

    @Option(
            names = "--no-check-sigs",
            description = "Accept paths without a good signature. Hashes are checked all the same.")
    private boolean noCheckSigs;

    @Option(
            names = "--jobs",
            paramLabel = "N",
            converter = JobsConverter.class,
            description = "NARs to work on at a time (default: one a core, at most 8).")
    private @Nullable Integer jobs;

    List<String> sources() {
        return List.copyOf(sources);
    }

    @Nullable
    String pathsFrom() {
        return pathsFrom;
    }

    List<StorePathArgument> closureOf() {
        return List.copyOf(closureOf);
    }

    /** Returns the keys whose signatures count; the one of cache.nixos.org is among them. */
    List<PublicKey> trustedKeys() {
        List<PublicKey> keys = new ArrayList<>(trustedKeys);
        keys.add(PublicKey.CACHE_NIXOS_ORG);
        return keys;
    }

    boolean checkSignatures() {
        return !noCheckSigs;
    }

    int jobs() {
        return jobs == null ? ImportOptions.defaults().jobs() : jobs;
    }

    /** Lets picocli refuse what is no URL of a cache. */
    static final class SourceConverter implements ITypeConverter<String> {
        @Override
        public String convert(String text) {
            if (!text.startsWith("file:") && !text.startsWith("http://") && !text.startsWith("https://")) {
                throw new TypeConversionException("'" + text + "' is not file:///dir, http://... or https://..."
                        + (text.startsWith("/") ? " (did you mean file://" + text + "?)" : ""));
            }
            return text;
        }
    }

    /** Lets picocli read a public key. */
    static final class KeyConverter implements ITypeConverter<PublicKey> {
        @Override
        public PublicKey convert(String text) {
            try {
                return PublicKey.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** Lets picocli read a number of jobs. */
    static final class JobsConverter implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            boolean digits =
                    !text.isEmpty() && text.length() <= 4 && text.chars().allMatch(c -> c >= '0' && c <= '9');
            if (!digits || Integer.parseInt(text) < 1 || Integer.parseInt(text) > ImportOptions.MAX_JOBS) {
                throw new TypeConversionException("'" + text + "' is not a number from 1 to " + ImportOptions.MAX_JOBS);
            }
            return Integer.parseInt(text);
        }
    }
}
