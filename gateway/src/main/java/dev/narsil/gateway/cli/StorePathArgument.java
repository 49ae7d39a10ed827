package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.importer.WantedPath;
import dev.narsil.rewrite.path.Digest;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A store path as users write it: {@code /nix/store/<digest>-<name>}, {@code <digest>-<name>} or {@code <digest>}.
 *
 * @param digest its hash part
 * @param path the path, null if only the digest was given
 * @param storeDir the store directory, null if none was given
 */
record StorePathArgument(
        Digest digest, @Nullable StorePath path, @Nullable StoreDir storeDir) {

    /** Reads one; throws IllegalArgumentException with the reason if it is none. */
    static StorePathArgument parse(String text) {
        int slash = text.lastIndexOf('/');
        String baseName = text.substring(slash + 1);
        StoreDir storeDir = slash < 0 ? null : new StoreDir(text.substring(0, slash));
        if (storeDir == null && baseName.length() == Digest.LENGTH) {
            return new StorePathArgument(Digest.parse(baseName), null, null);
        }
        StorePath path = StorePath.parseBaseName(baseName);
        return new StorePathArgument(path.digest(), path, storeDir);
    }

    /** Looks the path up; throws a sentence for the user if the store does not hold it. */
    PathInfo find(NarStore store) throws IOException {
        requireIn(store.storeDir());
        Optional<PathInfo> info = store.path(digest);
        if (info.isEmpty()) {
            throw new CommandException(ExitCode.FAILED, "the store does not hold " + this);
        }
        if (path != null && !path.equals(info.get().path())) {
            throw new CommandException(
                    ExitCode.FAILED,
                    "the store does not hold " + this + ", but " + info.get().path() + " of the same digest");
        }
        return info.get();
    }

    /** Returns this as a path to import into a store of {@code target}. */
    WantedPath wanted(StoreDir target) throws CommandException {
        requireIn(target);
        return new WantedPath(digest, path);
    }

    /** Returns the whole path, which need not be stored; throws a sentence for the user if it is not known. */
    StorePath required(NarStore store) throws CommandException {
        requireIn(store.storeDir());
        if (path == null) {
            throw new CommandException(ExitCode.FAILED, "give the whole path of " + digest);
        }
        return path;
    }

    private void requireIn(StoreDir held) throws CommandException {
        if (storeDir != null && !storeDir.equals(held)) {
            throw new CommandException(ExitCode.FAILED, "this store holds paths of " + held + ", not of " + storeDir);
        }
    }

    @Override
    public String toString() {
        return path == null ? digest.toString() : path.baseName();
    }

    /** Lets picocli read one. */
    static final class Converter implements ITypeConverter<StorePathArgument> {
        @Override
        public StorePathArgument convert(String text) {
            try {
                return parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage() + " (give " + StoreDir.DEFAULT
                        + "/<digest>-<name>, <digest>-<name> or the 32 characters of the digest)");
            }
        }
    }
}
