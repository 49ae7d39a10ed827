package dev.narsil.gateway.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** The file of a Unix socket, which a server that was killed leaves behind. */
final class UnixSocketFile {

    private UnixSocketFile() {}

    /**
     * Removes a socket that nobody listens on, so that one can be made in its place.
     *
     * @throws java.net.BindException if somebody listens on it
     * @throws IOException if it is not a socket
     */
    static void removeStale(Path path) throws IOException {
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
