package dev.narsil.gateway.ipfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.NarIngest;
import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.blockstore.ipfs.Manifest;
import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.blockstore.rocksdb.RocksBlockStore;
import dev.narsil.gateway.kubo.FakeCall;
import dev.narsil.gateway.kubo.FakeKubo;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.kubo.KuboException;
import dev.narsil.gateway.narinfo.Fingerprint;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.gateway.narinfo.TrustedKeys;
import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.path.StoreDir;
import dev.narsil.rewrite.path.StorePath;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class IpfsPublisherTest {

    private static final SecretKey KEY = SecretKey.parse(
            "test-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA==");
    private static final TrustedKeys TRUSTED = new TrustedKeys(List.of(KEY.publicKey()));
    private static final RandomNar PACKAGE = new RandomNar(7, StoreDir.DEFAULT, 40, 200 << 10);

    @TempDir
    private Path directory;

    private NarStore store;
    private FakeKubo fake;
    private KuboClient kubo;
    private IpfsPublisher publisher;

    @BeforeEach
    void start() throws IOException {
        store = new NarStore(
                RocksBlockStore.open(directory, StoreOptions.DEFAULT), StoreOptions.DEFAULT_PACK_CACHE_BYTES);
        fake = new FakeKubo();
        kubo = fake.client();
        publisher = new IpfsPublisher(store, kubo, OtherPins.NONE, TRUSTED, _ -> {});
    }

    @AfterEach
    void stop() throws IOException {
        kubo.close();
        fake.close();
        store.close();
    }

    private static byte[] nar(int build) {
        return PACKAGE.bytes(RandomNar.digests(build, 6));
    }

    private PathInfo add(int build, boolean signed) throws IOException {
        byte[] nar = nar(build);
        try (NarIngest ingest = store.ingest(Sha256.hash(nar), nar.length)) {
            ingest.write(nar, 0, nar.length);
            ingest.finish();
        }
        PathInfo unsigned = info(build, nar, List.of());
        PathInfo info = signed ? info(build, nar, List.of(signature(unsigned))) : unsigned;
        store.publish(info).join();
        return info;
    }

    private static String signature(PathInfo unsigned) {
        return KEY.sign(Fingerprint.sorted(unsigned, StoreDir.DEFAULT)).toString();
    }

    private static PathInfo info(int build, byte[] nar, List<String> signatures) {
        StorePath path = new StorePath(RandomNar.digests(1000L + build, 1).getFirst(), "package-" + build);
        return new PathInfo(
                path, Sha256.hash(nar), null, nar.length, List.of(), null, null, signatures, null, List.of());
    }

    private long calls(String command) {
        return fake.calls().stream()
                .map(FakeCall::command)
                .filter(command::equals)
                .count();
    }

    private static long raw(Map<Cid, byte[]> blocks) {
        return blocks.keySet().stream().filter(cid -> cid.codec() == Codec.RAW).count();
    }

    @Test
    void publish_newPath_isPinnedAndRememberedAndIsTheNar() throws IOException {
        PathInfo info = add(1, true);
        Publication publication = publisher.publish(info);

        PublishedPath path = publication.path();
        assertThat(publication.fresh()).isTrue();
        assertThat(publication.blocks()).isEqualTo(fake.blocks().size());
        assertThat(fake.pins()).containsExactly(path.manifest().toString());
        assertThat(fake.cat(path.nar())).isEqualTo(nar(1));
        Manifest manifest = Manifest.decode(fake.block(path.manifest()));
        assertThat(manifest.toPathInfo()).isEqualTo(info);
        assertThat(manifest.nar()).isEqualTo(path.nar());
        assertThat(new PublishedPaths(store).find(info.path().digest())).contains(path);
        assertThat(IpfsNames.of(store, info)).isEqualTo(new IpfsNames(path.nar(), path.manifest(), path.since()));
    }

    @Test
    void publish_again_sendsNothing() throws IOException {
        PathInfo info = add(1, true);
        PublishedPath path = publisher.publish(info).path();
        Publication again = publisher.publish(info);

        assertThat(again).isEqualTo(new Publication(path, false, 0, 0));
        assertThat(calls("dag/import")).isEqualTo(1);
    }

    @Test
    void publish_daemonWasWiped_sendsAllAgain() throws IOException {
        PathInfo info = add(1, true);
        Publication first = publisher.publish(info);
        fake.pins().clear();
        fake.blocks().clear();
        Publication again = publisher.publish(info);

        assertThat(again.blocks()).isEqualTo(first.blocks());
        assertThat(fake.cat(again.path().nar())).isEqualTo(nar(1));
        assertThat(fake.pins()).hasSize(1);
    }

    @Test
    void publish_rebuildThatChangesDigests_sendsItsManifestAndNodesOnly() throws IOException {
        var _ = publisher.publish(add(1, true));
        Map<Cid, byte[]> before = new HashMap<>(fake.blocks());
        long asked = calls("block/stat");
        Publication rebuild = publisher.publish(add(2, true));

        assertThat(before).hasSizeGreaterThan(2 * IpfsPublisher.SAMPLE);
        assertThat(calls("block/stat") - asked).isBetween(1L, (long) IpfsPublisher.SAMPLE);
        assertThat(rebuild.blocks())
                .isEqualTo(fake.blocks().size() - before.size())
                .isBetween(2L, 10L);
        assertThat(raw(fake.blocks())).isEqualTo(raw(before));
        assertThat(fake.cat(rebuild.path().nar())).isEqualTo(nar(2));
        assertThat(fake.pins()).hasSize(2);
    }

    @Test
    void publish_cutInTheMiddle_failsAndSendsOnlyTheRestNextTime() throws IOException {
        PathInfo info = add(1, true);
        fake.on("dag/import", (_, wire) -> wire.cut());
        assertThatThrownBy(() -> publisher.publish(info))
                .isInstanceOfSatisfying(
                        KuboException.class, e -> assertThat(e.kind()).isEqualTo(KuboException.Kind.UNREACHABLE));
        assertThat(new PublishedPaths(store).find(info.path().digest())).isEmpty();

        List<Cid> all;
        try (PathDag dag = PathDag.open(store, info);
                FakeKubo other = new FakeKubo();
                KuboClient client = other.client()) {
            all = dag.blocks();
            var _ = new IpfsPublisher(store, client, OtherPins.NONE, TRUSTED, _ -> {}).publish(info);
            // what a daemon keeps of a CAR that was cut is its beginning
            all.subList(0, all.size() / 3).forEach(cid -> fake.blocks().put(cid, other.block(cid)));
        }
        new PublishedPaths(store).remove(info.path().digest());
        fake.on("dag/import", fake::dagImport);
        Publication rest = publisher.publish(info);

        assertThat(rest.blocks()).isEqualTo(all.size() - all.size() / 3);
        assertThat(fake.pins()).containsExactly(rest.path().manifest().toString());
        assertThat(fake.cat(rest.path().nar())).isEqualTo(nar(1));
    }

    @Test
    void publish_blocksLostAfterTheyWereSeen_sendsAll() throws IOException {
        PathInfo info = add(1, true);
        Publication first = publisher.publish(info);
        fake.pins().clear();
        List<Cid> lost = new ArrayList<>(fake.blocks().keySet());
        lost.removeIf(cid -> cid.codec() != Codec.RAW);
        Cid gone = lost.getFirst();
        // says it is there until it is to be pinned
        fake.on("pin/add", (call, wire) -> {
            fake.blocks().remove(gone);
            wire.failure("block was not found locally (offline): ipld: could not find " + gone);
        });
        Publication again = publisher.publish(info);

        assertThat(again.blocks()).isEqualTo(first.blocks());
        assertThat(fake.pins()).hasSize(1);
        assertThat(fake.cat(again.path().nar())).isEqualTo(nar(1));
    }

    @Test
    void publish_noTrustedSignature_sendsNothingAtAll() throws IOException {
        PathInfo info = add(1, false);
        assertThatThrownBy(() -> publisher.publish(info))
                .isInstanceOf(NotPublicException.class)
                .hasMessageContaining("has no signature");

        assertThat(fake.calls()).isEmpty();
        assertThat(new PublishedPaths(store).all()).isEmpty();
    }

    @Test
    void publish_signatureOfAnotherPath_isRefused() throws IOException {
        PathInfo info = add(1, false);
        PathInfo forged = info(1, nar(1), List.of(signature(info(2, nar(2), List.of()))));
        store.publish(forged).join();
        assertThatThrownBy(() -> publisher.publish(forged))
                .isInstanceOf(NotPublicException.class)
                .hasMessageContaining("wrong");
        assertThat(info.path()).isEqualTo(forged.path());
        assertThat(fake.calls()).isEmpty();
    }

    @Test
    void publish_signatureAdded_pinsTheNewManifestOnly() throws IOException {
        PathInfo info = add(1, true);
        Publication first = publisher.publish(info);
        PathInfo signedTwice =
                info(1, nar(1), List.of(info.signatures().getFirst(), "other-1:" + "A".repeat(86) + "=="));
        store.publish(signedTwice).join();
        Publication second = publisher.publish(signedTwice);

        assertThat(second.blocks()).isEqualTo(1);
        assertThat(second.path().nar()).isEqualTo(first.path().nar());
        assertThat(fake.pins()).containsExactly(second.path().manifest().toString());
    }

    @Test
    void unpublish_published_isPinnedNoLongerAndForgotten() throws IOException {
        PathInfo info = add(1, true);
        Publication publication = publisher.publish(info);

        assertThat(publisher.unpublish(info.path().digest())).isTrue();
        assertThat(fake.pins()).isEmpty();
        assertThat(publisher.unpublish(info.path().digest())).isFalse();
        assertThat(IpfsNames.of(store, info))
                .isEqualTo(new IpfsNames(
                        publication.path().nar(), publication.path().manifest(), null));
    }
}
