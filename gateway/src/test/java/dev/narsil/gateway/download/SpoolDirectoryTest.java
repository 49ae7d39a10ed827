package dev.narsil.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolDirectoryTest {

    @TempDir
    private Path directory;

    @Test
    void reserve_othersAreStillToWrite_countsAsWritten() throws Exception {
        long third = directory.toFile().getUsableSpace() / 3;
        SpoolDirectory spool = new SpoolDirectory(directory, Long.MAX_VALUE, third);

        spool.reserve(third * 3 / 4);

        assertThatThrownBy(() -> spool.reserve(third * 3 / 2))
                .isInstanceOfSatisfying(
                        DownloadException.class, e -> assertThat(e.kind()).isEqualTo(DownloadException.Kind.BUSY))
                .hasMessageContaining("the disk has no room for the " + third * 3 / 2 + " bytes");
        assertThat(spool.reserved()).isEqualTo(third * 3 / 4);
        spool.release(third * 3 / 4, 0);
        spool.reserve(third * 3 / 2);
    }

    @Test
    void reserve_othersHaveWrittenAll_onlyTheDiskCounts() throws Exception {
        long third = directory.toFile().getUsableSpace() / 3;
        SpoolDirectory spool = new SpoolDirectory(directory, Long.MAX_VALUE, third);

        spool.reserve(third * 3 / 4);
        spool.wrote(third * 3 / 4);
        spool.reserve(third * 3 / 2);
        spool.wrote(third * 3 / 2);
        spool.release(third * 3 / 4, third * 3 / 4);
        spool.release(third * 3 / 2, third * 3 / 2);

        assertThat(spool.reserved()).isZero();
        spool.reserve(third * 3 / 2);
    }
}
