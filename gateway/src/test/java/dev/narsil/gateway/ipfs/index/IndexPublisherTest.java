package dev.narsil.gateway.ipfs.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.blockstore.PathInfo;
import dev.narsil.gateway.upstream.SignedPath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Publishing the index of what a store has published. */
@Timeout(180)
class IndexPublisherTest {

    @TempDir
    private Path directory;

    private IndexFixture fixture;

    @BeforeEach
    void start() throws IOException {
        fixture = new IndexFixture(directory);
    }

    @AfterEach
    void stop() throws IOException {
        fixture.close();
    }

    @Test
    void publish_paths_isPinnedAloneAndServed() throws IOException {
        PathInfo info = fixture.add(1);
        fixture.publish(info);
        fixture.add(2);

        IndexPublisher.Published published = fixture.publishIndex();

        assertThat(published.index().count()).isEqualTo(1);
        assertThat(published.changed()).isTrue();
        assertThat(fixture.fake.pins()).contains(published.cid().toString());
        assertThat(fixture.fake.blocks()).containsKey(published.cid());

        IndexPublisher.Published again = fixture.publishIndex();
        assertThat(again.changed()).isFalse();
        assertThat(again.cid()).isEqualTo(published.cid());

        fixture.publish(Objects.requireNonNull(
                fixture.publisher.path(SignedPath.path(2).digest()).orElse(null)));
        IndexPublisher.Published next = fixture.publishIndex();
        assertThat(next.index().count()).isEqualTo(2);
        assertThat(next.index().sequence()).isGreaterThan(published.index().sequence());
        assertThat(fixture.fake.pins())
                .contains(next.cid().toString())
                .doesNotContain(published.cid().toString());
    }

    @Test
    void publish_pathThatWasSignedAnewSince_isLeftOutAndCounted() throws IOException {
        PathInfo info = fixture.add(1);
        fixture.publish(info);
        fixture.publisher
                .publish(new PathInfo(
                        info.path(),
                        info.narHash(),
                        null,
                        info.narSize(),
                        List.of(),
                        null,
                        null,
                        List.of("other:c2ln"),
                        null,
                        List.of()))
                .join();

        IndexPublisher.Published published = fixture.publishIndex();

        assertThat(published.skipped()).isEqualTo(1);
        assertThat(published.index().count()).isZero();
    }
}
