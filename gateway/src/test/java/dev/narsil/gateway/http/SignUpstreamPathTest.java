package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.download.DownloadFixture;
import dev.narsil.gateway.download.FaultyServer.Fault;
import dev.narsil.gateway.narinfo.NarInfo;
import dev.narsil.gateway.source.Compression;
import dev.narsil.gateway.upload.Uploads;
import dev.narsil.rewrite.path.StoreDir;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code nix store sign --store} does to a path that only an upstream has: its narinfo is put, its NAR is not. */
@Timeout(120)
class SignUpstreamPathTest {

    private static final String SIGNATURE = "ours-1:" + "A".repeat(86) + "==";

    @TempDir
    private Path directory;

    @Test
    void put_narInfoOfWhatUpstreamHas_bringsTheNarAndKeepsAllSignatures() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(7, 1 << 20));
                CacheServer server = serve(fixture)) {
            fixture.holder(Compression.XZ, request -> Fault.NONE);

            assertThat(putSigned(server, fixture).status()).isEqualTo(200);

            assertThat(fixture.stored()).isEqualTo(fixture.nar);
            assertThat(fixture.store
                            .path(fixture.path.path().digest())
                            .orElseThrow()
                            .signatures())
                    .containsExactlyInAnyOrder(fixture.path.signatures().getFirst(), SIGNATURE);
        }
    }

    @Test
    void put_narInfoOfWhatUpstreamDoesNotGive_is501AndNothingIsPublished() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(7, 1 << 20));
                CacheServer server = serve(fixture)) {
            fixture.holder(Compression.XZ, request -> Fault.NONE.withStatus(500));

            assertThat(putSigned(server, fixture).status()).isEqualTo(501);

            assertThat(fixture.store.path(fixture.path.path().digest())).isEmpty();
        }
    }

    @Test
    void put_narInfoOfWhatNobodyHas_is400() throws Exception {
        try (DownloadFixture fixture = new DownloadFixture(directory, DownloadFixture.nar(7, 1000));
                CacheServer server = serve(fixture)) {
            assertThat(putSigned(server, fixture).status()).isEqualTo(400);
        }
    }

    private CacheServer serve(DownloadFixture fixture) throws IOException {
        Uploads uploads = new Uploads(
                fixture.store, UploadServer.OPTIONS, directory, () -> Long.MAX_VALUE / 2, fixture.downloads::bring);
        return CacheServer.start(
                Services.of(fixture.store).withDownloads(fixture.downloads).withUploads(uploads), ServedStore.OPTIONS);
    }

    /** Puts the narinfo that this cache serves for the path, with one signature instead of those of the upstream. */
    private static RawResponse putSigned(CacheServer server, DownloadFixture fixture) throws IOException {
        PathInfo path = fixture.path;
        PathInfo signed = new PathInfo(
                path.path(),
                path.narHash(),
                null,
                path.narSize(),
                List.of(),
                null,
                null,
                List.of(SIGNATURE),
                null,
                List.of());
        byte[] text = NarInfo.of(signed).printBytes(StoreDir.DEFAULT);
        try (RawClient client = new RawClient(server.address())) {
            return UploadServer.put(client, ServedStore.narInfoPath(fixture.path), text);
        }
    }
}
