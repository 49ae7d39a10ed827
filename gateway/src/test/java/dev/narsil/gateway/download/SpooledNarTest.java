package dev.narsil.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SpooledNarTest {

    private static final int SIZE = 1 << 20;
    private static final byte[] SOME = new byte[SIZE / 4];
    private final DownloadException reason = new DownloadException(DownloadException.Kind.CANCELLED, "unwanted");

    @TempDir
    private Path directory;

    private SpooledNar nar;

    @BeforeEach
    void create() throws IOException {
        nar = new SpooledNar(new SpoolDirectory(directory, SIZE, 0), SIZE, new AtomicInteger(), () -> {});
        nar.append(SOME, 0, SOME.length);
    }

    @AfterEach
    void retire() {
        nar.retire();
    }

    @Test
    void failIfUnwanted_nobodyReads_endsItForWhoeverComesLater() throws Exception {
        assertThat(nar.failIfUnwanted(reason, given -> {})).isTrue();

        assertThat(nar.join(0, SIZE, true)).isNull();
        assertThat(nar.failIfUnwanted(reason, given -> {})).isFalse();
    }

    @Test
    void failIfUnwanted_clientReadsAgain_goesOn() throws Exception {
        join(0, SIZE).close();
        try (DownloadReader reader = join(0, SIZE)) {
            assertThat(nar.failIfUnwanted(reason, given -> {})).isFalse();

            assertThat(reader.next()).isNotNull();
        }
    }

    @Test
    void failIfUnwanted_pastHalf_goesOn() throws Exception {
        nar.append(SOME, 0, SOME.length);

        assertThat(nar.failIfUnwanted(reason, given -> {})).isFalse();
    }

    @Test
    void restart_clientHasBytes_isRefused() throws Exception {
        try (DownloadReader reader = join(0, SIZE)) {
            assertThat(nar.restart()).isTrue();
            assertThat(reader.ready()).isFalse();
            nar.append(SOME, 0, SOME.length);
            assertThat(reader.next()).isNotNull();

            assertThat(nar.restart()).isFalse();
        }
    }

    @Test
    void prove_restsMayFollowWrongBytes_onlyTheyFail() throws Exception {
        try (DownloadReader whole = join(0, SIZE);
                DownloadReader rest = join(10, SIZE - 10)) {
            for (int i = 0; i < 3; i++) {
                nar.append(SOME, 0, SOME.length);
            }
            nar.prove(true);

            assertThat(DownloadFixture.rest(whole)).hasSize(SIZE);
            assertThatThrownBy(rest::next)
                    .isInstanceOfSatisfying(
                            DownloadException.class, e -> assertThat(e.kind()).isEqualTo(DownloadException.Kind.WRONG));
        }
    }

    private DownloadReader join(long from, long length) throws IOException {
        return Objects.requireNonNull(nar.join(from, length, true));
    }
}
