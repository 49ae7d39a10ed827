package dev.narsil.gateway.upload;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.narsil.gateway.source.Compressed;
import dev.narsil.gateway.source.Compression;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tukaani.xz.ARMOptions;
import org.tukaani.xz.FilterOptions;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;
import org.tukaani.xz.X86Options;
import org.tukaani.xz.XZOutputStream;

class DecoderMemoryTest {

    private static final byte[] DATA = new byte[300_000];

    @ParameterizedTest
    @CsvSource({"0, 2", "1, 2", "6, 9", "7, 17"})
    void mib_xz_isItsDictionary(int preset, int mib) throws IOException {
        assertThat(mib(Compression.XZ, xz(new LZMA2Options(preset)))).isEqualTo(mib);
        assertThat(mib(Compression.XZ, xz(new X86Options(), new ARMOptions(), new LZMA2Options(preset))))
                .isEqualTo(mib);
    }

    /** An encoder with such a dictionary takes more memory than tests have, so the header of another file is changed. */
    @Test
    void mib_xzOfLargestPreset_isItsDictionary() throws IOException {
        byte[] file = xz(new LZMA2Options(0));
        int header = 12;
        int headerBytes = 4 * ((file[header] & 0xff) + 1);
        int filter = header + 2;
        assertThat(file[filter]).as("the filter is LZMA2").isEqualTo((byte) 0x21);
        file[filter + 2] = 28;
        CRC32 crc = new CRC32();
        crc.update(file, header, headerBytes - Integer.BYTES);
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(header + headerBytes - Integer.BYTES, (int)
                crc.getValue());
        assertThat(mib(Compression.XZ, file)).isEqualTo(65);
    }

    @Test
    void mib_lzma_isItsDictionaryAndThatOfTheEncoder() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (LZMAOutputStream out = new LZMAOutputStream(file, new LZMA2Options(7), -1)) {
            out.write(DATA);
        }
        assertThat(mib(Compression.LZMA, file.toByteArray())).isEqualTo(16 + 1 + 6);
    }

    @Test
    void mib_zstd_isTheWindowOfTheFirstFrame() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (ZstdOutputStreamNoFinalizer out = new ZstdOutputStreamNoFinalizer(file)) {
            out.setLong(26);
            out.write(DATA);
        }
        assertThat(mib(Compression.ZSTD, file.toByteArray())).isEqualTo(65);
        assertThat(mib(Compression.ZSTD, Zstd.compress(DATA))).isEqualTo(DecoderMemory.USUAL_MIB);
        assertThat(mib(Compression.ZSTD, new byte[] {0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0}))
                .isEqualTo(DecoderMemory.USUAL_MIB);
    }

    @ParameterizedTest
    @EnumSource
    void mib_anyFileCutAnywhere_isWithinBounds(Compression compression) {
        byte[] file = Compressed.one(compression, DATA);
        for (int length = 0; length <= Math.min(file.length, DecoderMemory.FIRST_BYTES); length++) {
            assertThat(mib(compression, Arrays.copyOf(file, length))).isBetween(0, 4097);
        }
        assertThat(mib(Compression.NONE, file)).isZero();
    }

    private static byte[] xz(FilterOptions... filters) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (XZOutputStream out = new XZOutputStream(file, filters)) {
            out.write(DATA);
        }
        return file.toByteArray();
    }

    private static int mib(Compression compression, byte[] file) {
        byte[] first = Arrays.copyOf(file, Math.min(file.length, DecoderMemory.FIRST_BYTES));
        return DecoderMemory.mib(compression, first, first.length);
    }
}
