package dev.narsil.gateway.alias;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.gateway.source.Compression;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class StoredFormTest {

    private static final int KIB_64 = 64 << 10;
    private static final int KIB_128 = 128 << 10;
    private static final long GB_5 = 5_000_000_000L;

    /** Sizes around everything that any form counts in. */
    private static final int[] SIZES = IntStream.concat(
                    IntStream.of(1, 2, 3, 4, 96, 127, 128, 129, 1000),
                    IntStream.of(KIB_64, 2 * KIB_64 - 2, KIB_128, 3 * KIB_64, 4 * KIB_128, 300_000)
                            .flatMap(size -> IntStream.rangeClosed(size - 2, size + 2)))
            .toArray();

    @ParameterizedTest
    @EnumSource
    void segments_wholeFile_decodesToTheNar(StoredForm form) throws IOException {
        for (int size : SIZES) {
            byte[] nar = AliasFiles.nar(size, size);
            byte[] file = AliasFiles.file(form, nar);

            assertThat(file).as("length for a NAR of %d bytes", size).hasSize((int) form.length(size));
            assertThat(decode(form.compression(), file))
                    .as("a NAR of %d bytes", size)
                    .isEqualTo(nar);
        }
    }

    @ParameterizedTest
    @EnumSource
    void segments_16MiB_decodesToTheNar(StoredForm form) throws IOException {
        byte[] nar = AliasFiles.nar(16, (16 << 20) + 1);

        assertThat(decode(form.compression(), AliasFiles.file(form, nar))).isEqualTo(nar);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void segments_wholeFile_isDetectedByItsMagicOrIsBrotli(StoredForm form) {
        byte[] file = AliasFiles.file(form, AliasFiles.nar(1, 96));

        if (form == StoredForm.BR) {
            assertThat(Compression.detect(file, file.length)).isEmpty();
        } else {
            assertThat(Compression.detect(file, file.length)).contains(form.compression());
        }
    }

    @ParameterizedTest
    @EnumSource
    void segments_everyRangeOfASmallFile_isThatPartOfIt(StoredForm form) {
        byte[] nar = AliasFiles.nar(3, 100);
        byte[] file = AliasFiles.file(form, nar);
        for (int from = 0; from <= file.length; from++) {
            for (int to = from; to <= file.length; to++) {
                assertRange(form, nar, file, from, to);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void segments_randomRanges_areThosePartsOfTheFile(StoredForm form) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int size : SIZES) {
            byte[] nar = AliasFiles.nar(size, size);
            byte[] file = AliasFiles.file(form, nar);
            for (int i = 0; i < 100; i++) {
                int from = bound(random, file.length, form);
                int to = bound(random, file.length, form);
                assertRange(form, nar, file, Math.min(from, to), Math.max(from, to));
            }
        }
    }

    /** Returns an offset anywhere or near a boundary. */
    private static int bound(Random random, int length, StoredForm form) {
        int anywhere = random.nextInt(length + 1);
        if (random.nextBoolean() || form == StoredForm.NONE) {
            return anywhere;
        }
        long chunks = length / form.chunkSize();
        long near = random.nextLong(chunks + 1) * form.chunkSize() + random.nextInt(60) - 20;
        return Math.clamp(near, 0, length);
    }

    private static void assertRange(StoredForm form, byte[] nar, byte[] file, int from, int to) {
        String what = form + " of " + nar.length + " bytes from " + from + " to " + to;
        assertThat(AliasFiles.range(form, nar, from, to - from)).as(what).isEqualTo(Arrays.copyOfRange(file, from, to));
        Segments segments = form.segments(nar.length, 0, from, to - from);
        long position = segments.narFrom();
        for (Segment segment = segments.next(); segment != null; segment = segments.next()) {
            assertThat(segment.length()).as(what).isPositive();
            if (segment instanceof Segment.NarRange range) {
                assertThat(range.from()).as(what).isEqualTo(position);
                position += range.length();
            }
        }
        assertThat(position).as(what).isEqualTo(segments.narFrom() + segments.narLength());
    }

    @ParameterizedTest
    @EnumSource
    void segments_of5GB_coverFileAndNarWithoutAGap(StoredForm form) {
        for (long narSize = GB_5; narSize <= GB_5 + 3; narSize++) {
            long file = 0;
            long nar = 0;
            Segments segments = form.segments(narSize, 0, 0, form.length(narSize));
            for (Segment segment = segments.next(); segment != null; segment = segments.next()) {
                if (segment instanceof Segment.NarRange range) {
                    assertThat(range.from()).isEqualTo(nar);
                    nar += range.length();
                }
                file += segment.length();
            }
            assertThat(nar).isEqualTo(narSize);
            assertThat(file).isEqualTo(form.length(narSize));
            assertThat(segments.narFrom()).isZero();
            assertThat(segments.narLength()).isEqualTo(narSize);
        }
    }

    @ParameterizedTest
    @EnumSource
    void segments_tailOfLargestNar_isAsInASmallOne(StoredForm form) {
        long length = form.length(StoredForm.MAX_NAR_SIZE);
        Segments tail = form.segments(StoredForm.MAX_NAR_SIZE, 0, length - 40, 40);
        long sum = 0;
        for (Segment segment = tail.next(); segment != null; segment = tail.next()) {
            sum += segment.length();
        }

        assertThat(sum).isEqualTo(40);
        assertThat(tail.narFrom() + tail.narLength()).isEqualTo(StoredForm.MAX_NAR_SIZE);
        assertThat(length).isGreaterThanOrEqualTo(StoredForm.MAX_NAR_SIZE);
    }

    @ParameterizedTest
    @CsvSource({
        "XZ, 5000228940",
        "ZSTD, 5000114458",
        "GZIP, 5000381501",
        "LZ4, 5000305190",
        "BR, 5000228886",
        "NONE, 5000000003",
    })
    void length_of5GB_isPinned(StoredForm form, long length) {
        assertThat(form.length(GB_5 + 3)).isEqualTo(length);
    }

    @ParameterizedTest
    @CsvSource({
        "NONE, 616263",
        "XZ, fd377a585a000000ff12d9410200210108000000d80f2313010002616263"
                + "00000001130303a560d806729e7a010000000000595a",
        "ZSTD, 28b52ffdc0380300000000000000190000616263",
        "GZIP, 1f8b08000000000000ff010300fcff616263c241243503000000",
        "LZ4, 04224d186040820300008061626300000000",
        "BR, 20001061626303",
    })
    void segments_ofThreeBytes_arePinned(StoredForm form, String hex) {
        byte[] file = AliasFiles.file(form, new byte[] {'a', 'b', 'c'});

        assertThat(HexFormat.of().formatHex(file)).isEqualTo(hex);
    }

    @Test
    void length_impossibleNarSize_isRefused() {
        for (long size : new long[] {0, -1, StoredForm.MAX_NAR_SIZE + 1, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> StoredForm.XZ.length(size))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("NarSize " + size);
        }
    }

    @Test
    void segments_rangeOutsideOfTheFile_isRefused() {
        long length = StoredForm.GZIP.length(96);

        assertThatThrownBy(() -> StoredForm.GZIP.segments(96, 0, 1, length))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> StoredForm.GZIP.segments(96, 0, -1, 1)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static byte[] decode(Compression compression, byte[] file) throws IOException {
        try (InputStream in = compression.decode(new ByteArrayInputStream(file))) {
            return in.readAllBytes();
        }
    }
}
