package dev.narsil.gateway.alias;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.gateway.source.Compression;
import dev.narsil.rewrite.hash.Sha256;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EncodedFormTest {

    private static final byte[] NAR = AliasFiles.nar(5, 300_000);

    @ParameterizedTest
    @EnumSource
    void encoder_anyNar_decodesToIt(EncodedForm form) throws IOException {
        for (int size : new int[] {1, 96, 99_980, 100_000, 262_143, 262_144, 262_145, 1_000_000}) {
            byte[] nar = AliasFiles.nar(size, size);
            byte[] file = AliasFiles.file(form, nar);

            assertThat(Compression.detect(file, file.length)).contains(form.compression());
            try (InputStream in = form.compression().decode(new ByteArrayInputStream(file))) {
                assertThat(in.readAllBytes()).as("a NAR of %d bytes", size).isEqualTo(nar);
            }
        }
    }

    /** If a library writes other bytes than it did, the version of the form must change, and this with it. */
    @ParameterizedTest
    @CsvSource({
        "BZIP2, 1, 123158, sha256:0wb0ny177ycfsalhpvp0142js1y7sshibvzlidk5xxk5pnd7rhgg",
        "LZIP, 1, 130608, sha256:1n7mb4xbg8cvmjanj69pvrf8d7a4cgvdjmsph89h8nylyrp4r14w",
        "LZMA, 1, 130595, sha256:1nv2mgw3dk67i0mijrz4d0mhfvpfilzyilz7xx9qflny5q6frcb6",
    })
    void encoder_oneNar_writesWhatItsVersionSays(EncodedForm form, int version, int length, String sha256) {
        byte[] file = AliasFiles.file(form, NAR);

        assertThat(file.length + " " + Sha256.hash(file)).isEqualTo(length + " " + sha256);
        assertThat(form.version()).isEqualTo(version);
    }

    /** The length is found with the pieces that an upload comes in, the bytes are made with those the store gives. */
    @ParameterizedTest
    @EnumSource
    void encoder_narInAnyPieces_writesTheSame(EncodedForm form) throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] nar = AliasFiles.nar(seed, 700_000);
        byte[] file = AliasFiles.file(form, nar);
        for (int most : new int[] {1, 7, 1000, 70_000, 400_000}) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (OutputStream encoder = form.encoder(out)) {
                for (int off = 0; off < nar.length; ) {
                    int count = Math.min(nar.length - off, 1 + random.nextInt(most));
                    encoder.write(nar, off, count);
                    off += count;
                }
            }

            assertThat(out.toByteArray())
                    .as("seed %d, pieces of at most %d", seed, most)
                    .isEqualTo(file);
        }
    }

    @ParameterizedTest
    @EnumSource
    void encode_randomRanges_areThosePartsOfTheFile(EncodedForm form) throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] file = AliasFiles.file(form, NAR);
        assertThat(range(form, 0, file.length)).isEqualTo(file);
        for (int i = 0; i < 20; i++) {
            int from = random.nextInt(file.length);
            int to = from + 1 + random.nextInt(file.length - from);

            assertThat(range(form, from, to - from))
                    .as("seed %d, from %d to %d of %d", seed, from, to, file.length)
                    .isEqualTo(Arrays.copyOfRange(file, from, to));
        }
    }

    @ParameterizedTest
    @EnumSource
    void encode_rangeBeyondTheFile_givesLess(EncodedForm form) throws IOException {
        byte[] file = AliasFiles.file(form, NAR);

        assertThat(range(form, file.length - 10, 20)).hasSize(10);
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void finish_anyCompression_knowsTheLengthOfTheFile(Compression compression) throws IOException {
        Sha256 narHash = Sha256.hash(NAR);
        try (AliasMeter meter = new AliasMeter(compression)) {
            meter.write(NAR, 0, 1000);
            meter.write(NAR[1000]);
            meter.write(NAR, 1001, NAR.length - 1001);

            Alias alias = meter.finish(narHash, 77, Instant.ofEpochSecond(1234));

            AliasForm form = AliasForm.of(compression);
            assertThat(alias)
                    .isEqualTo(new Alias(
                            compression,
                            form.version(),
                            narHash,
                            NAR.length,
                            AliasFiles.file(form, NAR).length,
                            77,
                            AliasFiles.crc(NAR),
                            1234));
        }
    }

    private static byte[] range(EncodedForm form, long from, long length) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (AliasEncoder encoder = new AliasEncoder(form, from, length)) {
            for (int off = 0; off < NAR.length && !encoder.isComplete(); off += 50_000) {
                out.writeBytes(encoder.encode(NAR, off, Math.min(50_000, NAR.length - off)));
            }
            if (!encoder.isComplete()) {
                out.writeBytes(encoder.finish());
            }
            assertThat(encoder.isComplete()).isEqualTo(out.size() == length);
        }
        return out.toByteArray();
    }
}
