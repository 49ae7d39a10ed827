package dev.narsil.gateway.cli;

import dev.narsil.gateway.config.ListenAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Checks whether the address to listen on is free, or what answers there. */
final class PortCheck {

    private static final String WHAT = "port";
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final int MAX_ANSWER_BYTES = 64 << 10;

    private PortCheck() {}

    /**
     * Checks an address.
     *
     * @param basePath what the paths of a server there begin with; may be empty
     * @param certificate the chain in PEM of a server there, which proves itself with nothing else, or null for no TLS
     */
    static Finding run(InetSocketAddress listen, String basePath, @Nullable Path certificate) {
        String address = ListenAddress.print(listen);
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(listen.getHostString()), listen.getPort()));
            return Finding.ok(WHAT, address + " is free");
        } catch (BindException e) {
            return taken(listen, basePath, certificate, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return Finding.warn(WHAT, address + ": " + e.getMessage(), "choose another with --listen");
        }
    }

    private static Finding taken(InetSocketAddress listen, String basePath, @Nullable Path certificate, String reason) {
        String address = ListenAddress.print(listen);
        String advice = "stop what listens there, or choose another port with 'narsil serve --listen'";
        String request =
                "GET " + basePath + "/nix-cache-info HTTP/1.1\r\nHost: " + address + "\r\nConnection: close\r\n\r\n";
        try (Socket socket = connect(listen, certificate)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            String answer =
                    new String(socket.getInputStream().readNBytes(MAX_ANSWER_BYTES), StandardCharsets.ISO_8859_1);
            return answer.startsWith("HTTP/1.1 200 ") && answer.contains("\nStoreDir:")
                    ? Finding.ok(WHAT, address + " is served: a binary cache answers")
                    : Finding.warn(WHAT, address + " is taken by a program that is no binary cache", advice);
        } catch (IOException e) {
            return Finding.warn(WHAT, address + ": " + reason + "; " + e.getMessage(), advice);
        } catch (GeneralSecurityException e) {
            return Finding.warn(WHAT, certificate + ": " + e.getMessage(), "give a certificate in PEM");
        }
    }

    private static Socket connect(InetSocketAddress listen, @Nullable Path certificate)
            throws IOException, GeneralSecurityException {
        Socket plain = new Socket();
        boolean connected = false;
        try {
            int millis = (int) PATIENCE.toMillis();
            plain.connect(new InetSocketAddress(listen.getHostString(), listen.getPort()), millis);
            plain.setSoTimeout(millis);
            // the certificate may be for another name than the address, and is compared as a whole
            Socket socket = certificate == null
                    ? plain
                    : trusting(certificate)
                            .getSocketFactory()
                            .createSocket(plain, listen.getHostString(), listen.getPort(), true);
            connected = true;
            return socket;
        } finally {
            if (!connected) {
                plain.close();
            }
        }
    }

    private static SSLContext trusting(Path certificate) throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(certificate)) {
            int number = 0;
            for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trusted.setCertificateEntry(Integer.toString(number++), each);
            }
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
