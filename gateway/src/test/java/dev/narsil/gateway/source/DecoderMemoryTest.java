package dev.narsil.gateway.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
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
    @CsvSource({"0, 8", "6, 8", "7, 16"})
    void of_xz_isItsDictionary(int preset, int mib) throws IOException {
        assertThat(window(Compression.XZ, xz(new LZMA2Options(preset)))).isEqualTo(mib);
        assertThat(window(Compression.XZ, xz(new X86Options(), new ARMOptions(), new LZMA2Options(preset))))
                .isEqualTo(mib);
    }

    @Test
    void of_xzOfLargestPreset_isItsDictionary() throws IOException {
        assertThat(window(Compression.XZ, xzOfDictionary(28))).isEqualTo(64);
        assertThat(window(Compression.XZ, xzOfDictionary(36)))
                .as("no more than is decoded")
                .isEqualTo(64);
    }

    /** An encoder with such a dictionary takes more memory than tests have, so the header of another file is changed. */
    private static byte[] xzOfDictionary(int bits) throws IOException {
        byte[] file = xz(new LZMA2Options(0));
        int header = 12;
        int headerBytes = 4 * ((file[header] & 0xff) + 1);
        int filter = header + 2;
        assertThat(file[filter]).as("the filter is LZMA2").isEqualTo((byte) 0x21);
        file[filter + 2] = (byte) bits;
        CRC32 crc = new CRC32();
        crc.update(file, header, headerBytes - Integer.BYTES);
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(header + headerBytes - Integer.BYTES, (int)
                crc.getValue());
        return file;
    }

    @Test
    void of_lzma_isItsDictionary() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (LZMAOutputStream out = new LZMAOutputStream(file, new LZMA2Options(7), -1)) {
            out.write(DATA);
        }
        assertThat(window(Compression.LZMA, file.toByteArray())).isEqualTo(16);
        assertThat(DecoderMemory.of(Compression.LZMA, file.toByteArray()).mib()).isEqualTo(17);
    }

    @Test
    void of_zstd_isTheWindowOfTheFirstFrame() throws IOException {
        assertThat(window(Compression.ZSTD, zstd(26))).isEqualTo(64);
        assertThat(window(Compression.ZSTD, Zstd.compress(DATA))).isEqualTo(8);
        byte[] skipped = Compressed.concat(HexFormat.of().parseHex("502a4d1804000000ffffffff"), zstd(26));
        assertThat(window(Compression.ZSTD, skipped)).isEqualTo(64);
        assertThat(window(Compression.ZSTD, HexFormat.of().parseHex("502a4d18ffffff7fffff")))
                .isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource({
        "28b52ffd 20 05, 8",
        "28b52ffd 60 ffff, 8",
        "28b52ffd a0 00000001, 16",
        "28b52ffd a1 07 00000001, 16",
        "28b52ffd e3 07070707 0000000200000000, 32",
        "28b52ffd e0 ffffffffffffffff, 128",
        "28b52ffd e0 ffff, 8"
    })
    void of_zstdFrameOfOneSegment_isItsContent(String header, int mib) {
        assertThat(window(Compression.ZSTD, HexFormat.of().parseHex(header.replace(" ", ""))))
                .isEqualTo(mib);
    }

    @ParameterizedTest
    @EnumSource
    void of_anyFileCutAnywhere_isWithinBounds(Compression compression) {
        byte[] file = Compressed.one(compression, DATA);
        for (int length = 0; length <= Math.min(file.length, DecoderMemory.FIRST_BYTES); length++) {
            assertThat(DecoderMemory.of(compression, Arrays.copyOf(file, length))
                            .mib())
                    .isBetween(0, 65);
        }
        assertThat(DecoderMemory.of(Compression.NONE, file).mib()).isZero();
    }

    @Test
    void of_anyBytes_isWithinBounds() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] bytes = new byte[DecoderMemory.FIRST_BYTES];
        for (int i = 0; i < 10_000; i++) {
            random.nextBytes(bytes);
            System.arraycopy(HexFormat.of().parseHex("28b52ffd"), 0, bytes, 0, 4);
            for (Compression compression : Compression.values()) {
                assertThat(DecoderMemory.of(compression, bytes).windowMib())
                        .as("seed " + seed)
                        .isBetween(8, 128);
            }
        }
    }

    @Test
    void decode_laterPartWantsMoreThanTheFirst_isRefused() throws IOException {
        byte[] zstd = Compressed.concat(Zstd.compress(DATA), zstd(26));
        assertThatThrownBy(() -> decoded(Compression.ZSTD, zstd)).isInstanceOf(IOException.class);
        byte[] xz = Compressed.concat(xz(new LZMA2Options(0)), xzOfDictionary(28));
        assertThatThrownBy(() -> decoded(Compression.XZ, xz)).isInstanceOf(IOException.class);
        byte[] lzip = Compressed.several(Compression.LZIP, DATA);
        byte[] larger = lzip.clone();
        larger[secondMember(larger) + 5] = 26;
        assertThatThrownBy(() -> decoded(Compression.LZIP, larger))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("dictionary");
    }

    private static int secondMember(byte[] lzip) {
        for (int i = 1; i < lzip.length - 4; i++) {
            if (lzip[i] == 'L' && lzip[i + 1] == 'Z' && lzip[i + 2] == 'I' && lzip[i + 3] == 'P') {
                return i;
            }
        }
        throw new AssertionError("one member only");
    }

    @Test
    void decode_laterPartWantsAsMuchAsIsUsual_isDecoded() throws IOException {
        assertThat(decoded(Compression.ZSTD, Compressed.concat(Zstd.compress(DATA), zstd(23))))
                .hasSize(2 * DATA.length);
        assertThat(decoded(Compression.ZSTD, Compressed.concat(zstd(26), zstd(26))))
                .hasSize(2 * DATA.length);
        assertThat(decoded(Compression.XZ, Compressed.concat(xz(new LZMA2Options(0)), xz(new LZMA2Options(6)))))
                .hasSize(2 * DATA.length);
    }

    private static byte[] decoded(Compression compression, byte[] file) throws IOException {
        byte[] first = Arrays.copyOf(file, Math.min(file.length, DecoderMemory.FIRST_BYTES));
        try (InputStream decoded = DecoderMemory.of(compression, first).decode(new ByteArrayInputStream(file))) {
            return decoded.readAllBytes();
        }
    }

    private static byte[] zstd(int windowLog) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (ZstdOutputStreamNoFinalizer out = new ZstdOutputStreamNoFinalizer(file)) {
            out.setLong(windowLog);
            out.write(DATA);
        }
        return file.toByteArray();
    }

    private static byte[] xz(FilterOptions... filters) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try (XZOutputStream out = new XZOutputStream(file, filters)) {
            out.write(DATA);
        }
        return file.toByteArray();
    }

    private static int window(Compression compression, byte[] file) {
        byte[] first = Arrays.copyOf(file, Math.min(file.length, DecoderMemory.FIRST_BYTES));
        return DecoderMemory.of(compression, first).windowMib();
    }
}
