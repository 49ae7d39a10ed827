package dev.narsil.gateway.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The file of a Unix socket. It is bound in a folder that only its owner can enter, and moved to its place with the
 * permissions it is to have, so that nobody else can connect meanwhile.
 */
final class UnixSocketFile implements AutoCloseable {

    private static final String NAME = "s";
    private static final int MAX_FOLDER_NAME = 0x10000;
    private static final int MAX_TRIES = 16;

    private final Path path;
    private final Path folder;
    private boolean shown;

    private UnixSocketFile(Path path, Path folder) {
        this.path = path;
        this.folder = folder;
    }

    /**
     * Prepares a socket at {@code path}, in place of one that a server that was killed left behind.
     *
     * @throws java.net.BindException if somebody listens on it
     * @throws IOException if it is not a socket, or none can be made there
     */
    static UnixSocketFile prepare(Path path) throws IOException {
        removeStale(path);
        FileAttribute<?> ownerOnly = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        for (int tries = 1; ; tries++) {
            int number = ThreadLocalRandom.current().nextInt(MAX_FOLDER_NAME);
            // as short as can be, as the paths of sockets must be short
            Path folder = path.resolveSibling("." + Integer.toHexString(number));
            try {
                return new UnixSocketFile(path, Files.createDirectory(folder, ownerOnly));
            } catch (FileAlreadyExistsException e) {
                if (tries == MAX_TRIES) {
                    throw e;
                }
            }
        }
    }

    /** Returns where to bind it. */
    Path bindPath() {
        return folder.resolve(NAME);
    }

    /** Lets those connect whom {@code mode} lets, when it is listened on. */
    void show(Set<PosixFilePermission> mode) throws IOException {
        Files.setPosixFilePermissions(bindPath(), mode);
        Files.move(bindPath(), path);
        shown = true;
        Files.delete(folder);
    }

    /** Removes it. */
    @Override
    public void close() throws IOException {
        if (shown) {
            Files.deleteIfExists(path);
        } else {
            Files.deleteIfExists(bindPath());
            Files.deleteIfExists(folder);
        }
    }

    private static void removeStale(Path path) throws IOException {
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new IOException("cannot listen on " + path + ": it is there and not a socket");
        }
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            boolean _ = channel.connect(UnixDomainSocketAddress.of(path));
            throw Listeners.inUse(path.toString());
        } catch (ConnectException e) {
            Files.delete(path);
        }
    }
}
