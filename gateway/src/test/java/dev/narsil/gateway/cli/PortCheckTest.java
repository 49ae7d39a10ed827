package dev.narsil.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.http.CacheServer;
import dev.narsil.gateway.http.ServerOptions;
import dev.narsil.gateway.http.TestCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PortCheckTest {

    @TempDir
    private Path folder;

    @Test
    void run_serverWithTlsAndABasePath_isABinaryCache() throws Exception {
        TestCertificate certificate = TestCertificate.make(folder, "EC");
        Path certificateFile = Files.writeString(folder.resolve("cert.pem"), certificate.certificatePem());
        Path keyFile = Files.writeString(folder.resolve("key.pem"), certificate.keyPem());
        ServerOptions.Listen listen = ServerOptions.DEFAULT
                .withAddress("127.0.0.1", 0)
                .listen()
                .withBasePath("/nix")
                .withTls(new ServerOptions.TlsFiles(certificateFile, keyFile));
        try (NarStore store = new NarStore(
                        RocksBlockStore.open(folder.resolve("store"), StoreOptions.DEFAULT),
                        StoreOptions.DEFAULT_PACK_CACHE_BYTES);
                CacheServer server = CacheServer.start(store, ServerOptions.DEFAULT.withListen(listen))) {
            Finding found = PortCheck.run(server.address(), "/nix", certificateFile);
            assertThat(found.status()).as(found.found()).isEqualTo(Finding.Status.OK);
            assertThat(found.found()).contains("a binary cache answers");

            assertThat(PortCheck.run(server.address(), "", certificateFile).found())
                    .contains("no binary cache");
            assertThat(PortCheck.run(server.address(), "/nix", null).status()).isEqualTo(Finding.Status.WARN);
            Path other = Files.writeString(
                    folder.resolve("other.pem"),
                    TestCertificate.make(folder, "EC").certificatePem());
            assertThat(PortCheck.run(server.address(), "/nix", other).status()).isEqualTo(Finding.Status.WARN);
        }
    }
}
