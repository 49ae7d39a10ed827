package dev.narsil.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class DownloadLineTest {

    private static final DownloadLimits LIMITS = DownloadLimits.DEFAULT.withDownloads(4, 3);

    /** What was handed to a thread, and runs when the test says so. */
    private final List<Runnable> handed = new ArrayList<>();

    private final List<String> ran = new ArrayList<>();
    private final List<String> neverRan = new ArrayList<>();

    private final class Named implements DownloadLine.Member {

        private final String upstream;
        private final String name;

        Named(String upstream, String name) {
            this.upstream = upstream;
            this.name = name;
        }

        @Override
        public String upstream() {
            return upstream;
        }

        @Override
        public void run() {
            ran.add(name);
        }

        @Override
        public void neverRuns() {
            neverRan.add(name);
        }
    }

    private DownloadLine line(boolean severalUpstreams) {
        return new DownloadLine(handed::add, LIMITS, severalUpstreams);
    }

    @Test
    void add_oneUpstreamWantsAllTurns_othersHaveOneAtOnce() {
        DownloadLine line = line(true);
        for (int i = 0; i < 5; i++) {
            line.add(new Named("slow", "slow-" + i));
        }
        assertThat(handed).hasSize(3);

        line.add(new Named("quick", "quick"));

        assertThat(handed).hasSize(4);
        handed.getLast().run();
        assertThat(ran).containsExactly("quick");
    }

    @Test
    void add_onlyOneUpstream_hasAllTurns() {
        DownloadLine line = line(false);
        for (int i = 0; i < 5; i++) {
            line.add(new Named("only", "only-" + i));
        }

        assertThat(handed).hasSize(4);
        assertThat(line.isAnyWaiting()).isTrue();
    }

    @Test
    void run_aTurnEnds_theNextThatMayBegins() {
        DownloadLine line = line(true);
        for (int i = 0; i < 5; i++) {
            line.add(new Named("slow", "slow-" + i));
        }
        for (int i = 0; i < 5; i++) {
            handed.get(i).run();
        }

        assertThat(ran).containsExactly("slow-0", "slow-1", "slow-2", "slow-3", "slow-4");
        assertThat(line.isAnyWaiting()).isFalse();
    }

    @Test
    void add_tooManyWait_isRefused() {
        DownloadLine line = line(false);
        for (int i = 0; i < 7; i++) {
            line.add(new Named("only", "only-" + i));
        }

        assertThatThrownBy(() -> line.add(new Named("only", "last"))).isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void dissolve_someWait_theyHearThatTheyNeverRun() {
        DownloadLine line = line(false);
        for (int i = 0; i < 6; i++) {
            line.add(new Named("only", "only-" + i));
        }

        line.dissolve();

        assertThat(neverRan).containsExactly("only-4", "only-5");
        assertThat(line.isAnyWaiting()).isFalse();
    }
}
