package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.gateway.ipfs.IpfsPublisher;
import dev.narsil.gateway.ipfs.OtherPins;
import dev.narsil.gateway.ipfs.index.IndexPublisher;
import dev.narsil.gateway.ipfs.index.IndexRoot;
import dev.narsil.gateway.ipfs.index.IndexShard;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.upstream.SignedPath;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class IndexEndpointTest {

    private static final String ROOT = "/narsil-index/root";

    @TempDir
    private Path directory;

    @Test
    void index_notPublished_isNotFound() throws IOException {
        try (ServedStore served = new ServedStore(directory, ServedStore.OPTIONS, store -> store)) {
            assertThat(served.get(ROOT).status()).isEqualTo(404);
            assertThat(served.get("/narsil-index/").status()).isEqualTo(404);
            assertThat(served.get("/narsil-index/bafkqaaa").status()).isEqualTo(404);
            assertThat(served.get("/narsil-index/../healthz").status()).isEqualTo(404);
        }
    }

    @Test
    void index_published_isServedWithTagsUntilTheNextOne() throws IOException {
        try (ServedStore served = new ServedStore(directory, ServedStore.OPTIONS, store -> store);
                FakeKubo fake = new FakeKubo();
                KuboClient kubo = fake.client()) {
            PathInfo info = served.add(1, ServedStore.nar(1));
            IpfsPublisher publisher = new IpfsPublisher(served.store, kubo, OtherPins.NONE, null, _ -> {});
            IndexPublisher index = new IndexPublisher(served.store, OtherPins.NONE, InstantSource.system());
            publisher.publish(info);
            Cid cid = index.publish(SignedPath.KEY, kubo).cid();

            RawResponse response = served.get(ROOT);
            assertThat(response.status()).isEqualTo(200);
            assertThat(response.header("content-type")).isEqualTo("application/vnd.ipld.raw");
            assertThat(response.header("etag")).isEqualTo("\"" + cid + "\"");
            assertThat(cid.isOf(response.body(), 0, response.body().length)).isTrue();
            assertThat(served.head(ROOT).header("content-length")).isEqualTo(Integer.toString(response.body().length));
            RawResponse same = served.get(ROOT, "If-None-Match: \"" + cid + "\"");
            assertThat(same.status()).isEqualTo(304);
            assertThat(same.body()).isEmpty();
            assertThat(served.get(ROOT, "If-None-Match: \"other\"").status()).isEqualTo(200);

            Map.Entry<String, IndexRoot.Shard> shard =
                    IndexRoot.decode(response.body()).shards().firstEntry();
            String path = "/narsil-index/" + shard.getValue().cid();
            RawResponse block = served.get(path);
            assertThat(block.status()).isEqualTo(200);
            assertThat(IndexShard.decode(shard.getKey(), block.body()).entries())
                    .singleElement()
                    .satisfies(entry -> assertThat(entry.narHash()).isEqualTo(info.narHash()));

            publisher.unpublish(info.path().digest());
            index.publish(SignedPath.KEY, kubo);
            assertThat(served.get(ROOT).header("etag")).isNotEqualTo("\"" + cid + "\"");
            assertThat(served.get(path).status()).isEqualTo(404);
        }
    }
}
