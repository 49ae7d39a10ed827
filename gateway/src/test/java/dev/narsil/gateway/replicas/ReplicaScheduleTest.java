package dev.narsil.gateway.replicas;

import static dev.narsil.gateway.replicas.ReplicaFixture.QUICK;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rounds in the background. */
@Timeout(120)
class ReplicaScheduleTest {

    @TempDir
    private Path folder;

    private ReplicaFixture fixture;

    @BeforeEach
    void start() throws IOException {
        fixture = new ReplicaFixture(folder);
    }

    @AfterEach
    void stop() throws IOException {
        fixture.close();
    }

    @Test
    void schedule_running_runsRoundsAndTellsOfThem() throws IOException {
        var _ = fixture.wanted(1, 3);
        try (FakePinService service = new FakePinService()) {
            fixture.service("donor", service.server().root(), null, null);
            Donors donors = Donors.open(fixture.options, QUICK, 10);
            try (ReplicaSchedule schedule = ReplicaSchedule.start(
                    fixture.store, fixture.kubo, donors, InstantSource.system(), Duration.ofMillis(20))) {
                long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
                while (schedule.rounds() < 2) {
                    assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
                    LockSupport.parkNanos(1_000_000);
                }
                RoundSummary last = schedule.last();
                assertThat(last).isNotNull();
                assertThat(fixture.wishes.summary().missing()).isEqualTo(1);
                assertThat(schedule.failed()).isZero();
            }
        }
    }
}
