package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.http.ServerOptions.TlsFiles;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Serving with TLS, with certificates that change. */
@Timeout(120)
class TlsTest {

    private static final long POLL_NANOS = 50_000_000;

    @TempDir
    private Path folder;

    private Path certificateFile;
    private Path keyFile;
    private TestCertificate first;
    private TestCertificate second;

    @BeforeEach
    void makeCertificates() throws IOException, GeneralSecurityException, InterruptedException {
        certificateFile = folder.resolve("cert.pem");
        keyFile = folder.resolve("key.pem");
        first = TestCertificate.make(folder, "EC");
        second = TestCertificate.make(folder, "RSA");
        write(first);
    }

    private void write(TestCertificate certificate) throws IOException {
        Files.writeString(certificateFile, certificate.certificatePem());
        Files.writeString(keyFile, certificate.keyPem());
    }

    private ServedStore serve() throws IOException {
        ServerOptions options = ServedStore.OPTIONS.withListen(
                ServedStore.OPTIONS.listen().withTls(new TlsFiles(certificateFile, keyFile)));
        return new ServedStore(folder.resolve("store"), options, UnaryOperator.identity());
    }

    private Certificate presented(InetSocketAddress address) throws IOException, GeneralSecurityException {
        try (SSLSocket socket = (SSLSocket) TestCertificate.trusting(first, second)
                .getSocketFactory()
                .createSocket("127.0.0.1", address.getPort())) {
            socket.startHandshake();
            return socket.getSession().getPeerCertificates()[0];
        }
    }

    private void awaitPresented(InetSocketAddress address, TestCertificate wanted)
            throws IOException, GeneralSecurityException {
        while (!presented(address).equals(wanted.certificate())) {
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    @Test
    void tls_clientThatOffersHttp2_isServedHttp11() throws Exception {
        try (ServedStore served = serve();
                HttpClient client = HttpClient.newBuilder()
                        .sslContext(TestCertificate.trusting(first))
                        .version(HttpClient.Version.HTTP_2)
                        .build()) {
            byte[] nar = ServedStore.nar(1);
            PathInfo info = served.add(1, nar);
            String root = "https://127.0.0.1:" + served.server.address().getPort();
            HttpResponse<byte[]> response = client.send(
                    HttpRequest.newBuilder(URI.create(root + ServedStore.narPath(info)))
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
            assertThat(response.body()).isEqualTo(nar);
            HttpResponse<String> page = client.send(
                    HttpRequest.newBuilder(URI.create(root + "/")).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(page.body()).contains("extra-substituters = " + root + "\n");
        }
    }

    @Test
    void tls_plainRequest_isNotAnswered() throws Exception {
        try (ServedStore served = serve();
                RawClient client = served.client()) {
            client.request("GET", "/nix-cache-info");
            assertThatThrownBy(() -> client.receive(false)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void tls_filesChange_newConnectionsSeeTheNewCertificate_openOnesGoOn() throws Exception {
        try (ServedStore served = serve();
                SSLSocket open = (SSLSocket) TestCertificate.trusting(first)
                        .getSocketFactory()
                        .createSocket("127.0.0.1", served.server.address().getPort())) {
            open.startHandshake();
            assertThat(presented(served.server.address())).isEqualTo(first.certificate());
            write(second);
            awaitPresented(served.server.address(), second);
            // on all event loops
            for (int i = 0; i < 16; i++) {
                assertThat(presented(served.server.address())).isEqualTo(second.certificate());
            }
            open.getOutputStream().write("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            open.getOutputStream().flush();
            assertThat(new String(open.getInputStream().readNBytes(15), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 200 OK");
        }
    }

    @Test
    void tls_brokenNewPair_oldOneStaysUntilAGoodOneComes() throws Exception {
        try (ServedStore served = serve()) {
            for (String broken : new String[] {second.certificatePem(), "garbage", ""}) {
                Files.writeString(certificateFile, broken);
                LockSupport.parkNanos(
                        TlsCertificate.INTERVAL.multipliedBy(3).dividedBy(2).toNanos());
                assertThat(presented(served.server.address())).isEqualTo(first.certificate());
            }
            Files.delete(certificateFile);
            LockSupport.parkNanos(
                    TlsCertificate.INTERVAL.multipliedBy(3).dividedBy(2).toNanos());
            assertThat(presented(served.server.address())).isEqualTo(first.certificate());
            write(second);
            awaitPresented(served.server.address(), second);
        }
    }

    @Test
    void tls_pairThatDoesNotBelongTogether_doesNotStart() throws IOException {
        Files.writeString(keyFile, second.keyPem());
        assertThatThrownBy(this::serve)
                .isInstanceOf(IOException.class)
                .hasMessageContaining(certificateFile.toString())
                .hasMessageNotContainingAny(
                        second.keyPem().lines().skip(1).limit(1).toArray(String[]::new));
        Files.writeString(keyFile, "not a key");
        assertThatThrownBy(this::serve).isInstanceOf(IOException.class);
        Files.delete(keyFile);
        assertThatThrownBy(this::serve).isInstanceOf(IOException.class);
    }

    @Test
    void tls_clientThatTrustsAnother_failsAndTheNextIsServed() throws Exception {
        try (ServedStore served = serve()) {
            SSLSocket stranger = (SSLSocket) TestCertificate.trusting(second)
                    .getSocketFactory()
                    .createSocket("127.0.0.1", served.server.address().getPort());
            try (stranger) {
                assertThatThrownBy(stranger::startHandshake).isInstanceOf(SSLException.class);
            }
            assertThat(presented(served.server.address())).isEqualTo(first.certificate());
        }
    }
}
