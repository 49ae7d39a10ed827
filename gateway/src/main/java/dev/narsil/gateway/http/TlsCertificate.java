package dev.narsil.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate and key of a server, as their files are. A pair that is incomplete or does not belong together, as
 * while one of the files was replaced and the other not yet, is not taken: the one before stays in use.
 */
final class TlsCertificate {

    /** How often the files are read. */
    static final Duration INTERVAL = Duration.ofSeconds(2);

    private static final Logger LOG = LoggerFactory.getLogger(TlsCertificate.class);

    /** Longest file, in bytes. */
    private static final int MAX_BYTES = 1 << 20;

    private final Vertx vertx;
    private final ServerOptions.TlsFiles files;

    /** What was read last, good or not; read and changed by one worker thread at a time. */
    private volatile @Nullable Pair seen;

    private record Pair(Buffer certificate, Buffer key) {}

    TlsCertificate(Vertx vertx, ServerOptions.TlsFiles files) {
        this.vertx = vertx;
        this.files = files;
    }

    /**
     * Reads the files.
     *
     * @throws IOException if they cannot be used
     */
    PemKeyCertOptions load() throws IOException {
        Pair pair = read();
        seen = pair;
        return check(pair);
    }

    /** Lets listeners present what the files are, from when they change. */
    void watch(List<Listener> listeners) {
        vertx.setPeriodic(
                INTERVAL.toMillis(),
                id -> vertx.executeBlocking(() -> refresh(listeners)).onFailure(this::tell));
    }

    private boolean refresh(List<Listener> listeners) throws IOException {
        Pair pair;
        try {
            pair = read();
        } catch (IOException e) {
            // told once, and tried again
            Pair none = new Pair(Buffer.buffer(), Buffer.buffer(e.toString()));
            if (none.equals(seen)) {
                return false;
            }
            seen = none;
            throw e;
        }
        if (pair.equals(seen)) {
            return false;
        }
        seen = pair;
        PemKeyCertOptions keys = check(pair);
        Future.all(listeners.stream().map(listener -> listener.present(keys)).toList())
                .onSuccess(done -> LOG.info("the certificate in {} is in use", files.certificate()))
                .onFailure(this::tell);
        return true;
    }

    private void tell(Throwable failure) {
        LOG.error(
                "the certificate in {} cannot be used, the one before stays: {}",
                files.certificate(),
                failure.toString());
    }

    private Pair read() throws IOException {
        return new Pair(read(files.certificate()), read(files.key()));
    }

    private static Buffer read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return Buffer.buffer(in.readNBytes(MAX_BYTES));
        }
    }

    private PemKeyCertOptions check(Pair pair) throws IOException {
        PemKeyCertOptions keys =
                new PemKeyCertOptions().setCertValue(pair.certificate()).setKeyValue(pair.key());
        // what a library throws is not told apart by type
        FutureTask<PemKeyCertOptions> task = new FutureTask<>(() -> {
            for (KeyManager manager : keys.getKeyManagerFactory(vertx).getKeyManagers()) {
                requireOnePair((X509KeyManager) manager);
            }
            return keys;
        });
        task.run();
        try {
            return task.get();
        } catch (ExecutionException e) {
            throw new IOException(
                    "cannot use " + files.certificate() + " and " + files.key() + ": " + e.getCause(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while reading " + files.certificate(), e);
        }
    }

    private static void requireOnePair(X509KeyManager manager) throws GeneralSecurityException {
        boolean found = false;
        for (String type : List.of("RSA", "EC", "EdDSA")) {
            String @Nullable [] aliases = manager.getServerAliases(type, null);
            for (String alias : aliases == null ? new String[0] : aliases) {
                requireOnePair(manager.getPrivateKey(alias), manager.getCertificateChain(alias)[0]);
                found = true;
            }
        }
        if (!found) {
            throw new GeneralSecurityException("no key of RSA, EC or EdDSA with its certificate");
        }
    }

    private static void requireOnePair(PrivateKey key, Certificate certificate) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> "EdDSA";
        };
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        byte[] signature = signer.sign();
        signer.initVerify(certificate);
        if (!signer.verify(signature)) {
            throw new GeneralSecurityException("the key does not belong to the certificate");
        }
    }
}
