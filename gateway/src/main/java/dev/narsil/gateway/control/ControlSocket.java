package dev.narsil.gateway.control;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** The Unix socket of a data directory. */
public final class ControlSocket {

    /** Its name in the data directory. */
    public static final String NAME = "control.sock";

    /** Most bytes the kernel takes as the path of a socket ({@code sun_path}, without its NUL). */
    public static final int MAX_PATH_BYTES = 107;

    private static final String NURSERY = ".ctl";
    private static final int BACKLOG = 16;

    private ControlSocket() {}

    public static Path of(Path dataDirectory) {
        return dataDirectory.resolve(NAME);
    }

    /** Tells whether the kernel can name the socket of this directory. */
    public static boolean isNameable(Path dataDirectory) {
        return of(dataDirectory).toString().getBytes(StandardCharsets.UTF_8).length <= MAX_PATH_BYTES;
    }

    /**
     * Listens on the socket of a directory the caller owns, in place of one that a killed process left. The socket is made in
     * a private folder and moved when its mode is 0600, so that there is no moment at which others can connect.
     */
    static ServerSocketChannel listen(Path dataDirectory) throws IOException {
        Path socket = of(dataDirectory);
        if (!isNameable(dataDirectory)) {
            throw new ControlException("the path of the control socket, " + socket + ", is longer than the "
                    + MAX_PATH_BYTES + " bytes a Unix socket may have: choose a shorter data directory");
        }
        Path nursery = dataDirectory.resolve(NURSERY);
        Path born = nursery.resolve("s");
        Files.deleteIfExists(born);
        Files.deleteIfExists(nursery);
        Files.createDirectory(
                nursery, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        boolean listening = false;
        try {
            server.bind(UnixDomainSocketAddress.of(born), BACKLOG);
            Files.setPosixFilePermissions(born, PosixFilePermissions.fromString("rw-------"));
            Files.move(born, socket, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Files.delete(nursery);
            listening = true;
            return server;
        } finally {
            if (!listening) {
                server.close();
            }
        }
    }
}
