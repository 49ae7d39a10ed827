package dev.narsil.gateway.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;
import org.tukaani.xz.XZOutputStream;

class CompressionTest {

    private static final byte[] DATA = data(150_000);

    @ParameterizedTest
    @EnumSource
    void decode_one_givesTheData(Compression compression) throws IOException {
        assertThat(decode(compression, Compressed.one(compression, DATA))).isEqualTo(DATA);
    }

    /** The files are what Nix 2.8 wrote of one path into a cache, with each compression. */
    @ParameterizedTest
    @EnumSource
    void decode_whatNixUploaded_givesTheNar(Compression compression) throws IOException {
        byte[] file = uploaded(compression);

        assertThat(decode(compression, file)).isEqualTo(uploaded(Compression.NONE));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void decode_whatNixUploadedCutAnywhere_fails(Compression compression) throws IOException {
        byte[] file = uploaded(compression);
        for (int length = 0; length < file.length; length += length < file.length - 64 ? 61 : 1) {
            byte[] cut = Arrays.copyOf(file, length);
            assertThatThrownBy(() -> decode(compression, cut))
                    .as("%s cut after %d of %d bytes", compression, length, file.length)
                    .isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BR")
    void detect_whatNixUploaded_isTold(Compression compression) throws IOException {
        byte[] file = uploaded(compression);

        assertThat(Compression.detect(file, file.length)).contains(compression);
        assertThat(Compression.detect(Arrays.copyOf(file, Compression.MAGIC_BYTES), Compression.MAGIC_BYTES))
                .contains(compression);
        assertThat(Compression.detect(file, 1)).isEmpty();
        assertThat(Compression.detect(file, 0)).isEmpty();
    }

    @Test
    void detect_brotliAndOtherBytes_isUnknown() throws IOException {
        byte[] brotli = uploaded(Compression.BR);
        byte[] almostNar = uploaded(Compression.NONE);
        almostNar[20] = '2';
        byte[] hugeLzma = uploaded(Compression.LZMA);
        hugeLzma[12] = 1;

        assertThat(Compression.detect(brotli, brotli.length)).isEmpty();
        assertThat(Compression.detect(almostNar, almostNar.length)).isEmpty();
        assertThat(Compression.detect(hugeLzma, hugeLzma.length)).isEmpty();
    }

    @Test
    void detect_zstdThatBeginsWithASkippableFrame_isZstd() {
        byte[] skippable = {0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};

        assertThat(Compression.detect(skippable, skippable.length)).contains(Compression.ZSTD);
    }

    @ParameterizedTest
    @CsvSource({"NONE,''", "XZ,.xz", "ZSTD,.zst", "GZIP,''", "BZIP2,.bz2", "BR,.br", "LZ4,.lz4", "LZIP,.lzip", "LZMA,''"
    })
    void fileSuffix_each_isAsNixNamesItsUploads(Compression compression, String suffix) {
        assertThat(compression.fileSuffix()).isEqualTo(suffix);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"BR", "LZMA"})
    void decode_several_givesAllTheData(Compression compression) throws IOException {
        assertThat(decode(compression, Compressed.several(compression, DATA))).isEqualTo(DATA);
    }

    @ParameterizedTest
    @EnumSource
    void decode_fromAStreamWithNothingAvailable_givesAllTheData(Compression compression) throws IOException {
        byte[] file = isSingle(compression) ? Compressed.one(compression, DATA) : Compressed.several(compression, DATA);
        InputStream hesitant = new FilterInputStream(new ByteArrayInputStream(file)) {
            @Override
            public int read(byte[] target, int off, int len) throws IOException {
                return super.read(target, off, Math.min(len, 1));
            }

            @Override
            public int available() {
                return 0;
            }
        };

        try (InputStream decoded = compression.decode(hesitant)) {
            assertThat(decoded.readAllBytes()).isEqualTo(DATA);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BR", "LZMA"})
    void decode_severalOfAFormatThatHasOne_fails(Compression compression) {
        assertThatThrownBy(() -> decode(compression, Compressed.several(compression, DATA)))
                .isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE", "BR", "LZMA"})
    void decode_severalCutAnywhere_fails(Compression compression) {
        byte[] file = Compressed.several(compression, data(600));
        int first = Compressed.one(compression, data(600), 0, 200).length;
        int second = Compressed.one(compression, new byte[0]).length;
        for (int length = 0; length < file.length; length++) {
            if (length == first || length == first + second) {
                continue;
            }
            byte[] cut = Arrays.copyOf(file, length);
            assertThatThrownBy(() -> decode(compression, cut))
                    .as("%s cut after %d of %d bytes", compression, length, file.length)
                    .isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void decode_somethingElseBehind_fails(Compression compression) {
        byte[] file = Compressed.concat(Compressed.one(compression, DATA), data(100));

        assertThatThrownBy(() -> decode(compression, file)).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void decode_somethingElse_fails(Compression compression) {
        assertThatThrownBy(() -> decode(compression, DATA)).isInstanceOf(IOException.class);
    }

    @Test
    void decode_xzOfSeveralBlocksWithPadding_givesTheData() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (XZOutputStream out = new XZOutputStream(bytes, new LZMA2Options(0))) {
            for (int off = 0; off < DATA.length; off += 40_000) {
                out.write(DATA, off, Math.min(40_000, DATA.length - off));
                out.endBlock();
            }
        }
        bytes.writeBytes(new byte[8]);

        assertThat(decode(Compression.XZ, bytes.toByteArray())).isEqualTo(DATA);
    }

    @Test
    void decode_xzThatWantsMoreMemoryThanTheBound_fails() throws IOException {
        byte[] file = xzWithDictionary(256 << 20);

        assertThatThrownBy(() -> decode(Compression.XZ, file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("memory");
    }

    @Test
    void decode_zstdWithSkippableFrames_givesTheData() throws IOException {
        byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};
        byte[] file = Compressed.concat(skippable, Compressed.one(Compression.ZSTD, DATA), skippable);

        assertThat(decode(Compression.ZSTD, file)).isEqualTo(DATA);
    }

    @Test
    void decode_zstdWithAWindowOverTheBound_fails() throws IOException {
        assertThat(decode(Compression.ZSTD, zstdWithWindow(DecoderBounds.NAR.zstdWindowLog())))
                .isEqualTo(new byte[] {'x'});
        assertThatThrownBy(() -> decode(Compression.ZSTD, zstdWithWindow(DecoderBounds.NAR.zstdWindowLog() + 1)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void decode_lz4AsToolsWriteIt_givesTheNar() throws IOException {
        byte[] nar = uploaded(Compression.NONE);
        for (String file : new String[] {"lz4-dependent-blocks", "lz4-block-checksums", "lz4-best"}) {
            assertThat(decode(Compression.LZ4, resource(file))).as(file).isEqualTo(nar);
        }
    }

    @Test
    void decode_lz4WithSkippableAndEmptyFrames_givesTheData() throws IOException {
        byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};
        byte[] empty = Compressed.one(Compression.LZ4, new byte[0]);
        byte[] manyEmpty = new byte[100_000 * empty.length];
        for (int i = 0; i < manyEmpty.length; i++) {
            manyEmpty[i] = empty[i % empty.length];
        }
        byte[] file =
                Compressed.concat(skippable, manyEmpty, Compressed.one(Compression.LZ4, DATA), skippable, skippable);

        assertThat(decode(Compression.LZ4, file)).isEqualTo(DATA);
        assertThatThrownBy(() -> decode(Compression.LZ4, Arrays.copyOf(file, file.length - 1)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void decode_lz4WithBlocksThatHoldNothing_givesWhatFollows() throws IOException {
        byte[] head = {4, 0x22, 0x4d, 0x18, 0x60, 0x40, (byte) 0x82};
        byte[] nothing = {1, 0, 0, 0, 0};
        byte[] block = {3, 0, 0, (byte) 0x80, 'a', 'b', 'c'};
        byte[] end = {0, 0, 0, 0};

        assertThat(decode(Compression.LZ4, Compressed.concat(head, nothing, nothing, nothing, block, nothing, end)))
                .isEqualTo(new byte[] {'a', 'b', 'c'});
        assertThatThrownBy(() -> decode(Compression.LZ4, Compressed.concat(head, nothing, nothing)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void decode_lzipThatWantsMoreMemoryThanTheBound_fails() {
        byte[] file = Compressed.one(Compression.LZIP, DATA);
        file[5] = 27;

        assertThatThrownBy(() -> decode(Compression.LZIP, file))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("memory");
    }

    @Test
    void decode_lzmaThatWantsMoreMemoryThanTheBound_fails() {
        byte[] file = Compressed.one(Compression.LZMA, DATA);
        file[4] = 16;

        assertThatThrownBy(() -> decode(Compression.LZMA, file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("memory");
    }

    @Test
    void decode_lzmaWithItsSizeInTheHeader_givesTheData() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (LZMAOutputStream out = new LZMAOutputStream(bytes, new LZMA2Options(0), DATA.length)) {
            out.write(DATA);
        }

        assertThat(decode(Compression.LZMA, bytes.toByteArray())).isEqualTo(DATA);
        assertThat(Compression.detect(bytes.toByteArray(), bytes.size())).contains(Compression.LZMA);
    }

    @ParameterizedTest
    @CsvSource({"20,CRC-32", "16,size", "8,compressed size"})
    void decode_lzipWithAnotherTrailer_saysWhatDiffers(int fromEnd, String what) {
        byte[] file = Compressed.one(Compression.LZIP, DATA);
        file[file.length - fromEnd] ^= 1;

        assertThatThrownBy(() -> decode(Compression.LZIP, file))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("has the " + what + " ");
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void decode_sourceFails_isItsError(Compression compression) {
        IOException lost = new SourceException("the connection is lost");
        InputStream failing =
                new FilterInputStream(new ByteArrayInputStream(Compressed.one(compression, DATA), 0, 40_000)) {
                    @Override
                    public int read(byte[] target, int off, int len) throws IOException {
                        int read = super.read(target, off, len);
                        if (read < 0) {
                            throw lost;
                        }
                        return read;
                    }
                };

        assertThatThrownBy(() -> compression.decode(failing).readAllBytes()).isSameAs(lost);
    }

    @Test
    void decode_gzipWithAnEndlessName_failsAtTheBound() {
        byte[] head = {0x1f, (byte) 0x8b, 8, 8, 0, 0, 0, 0, 0, 0};
        byte[] name = new byte[Compression.GZIP_MAX_GAP + 100_000];
        Arrays.fill(name, (byte) 'x');

        assertThatThrownBy(() -> decode(Compression.GZIP, Compressed.concat(head, name)))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("from which nothing comes out");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lzop", "XZ", "", "zstandard", "NONE"})
    void of_otherName_saysWhatIsSupported(String name) {
        assertThatThrownBy(() -> Compression.of(name))
                .isInstanceOf(SourceException.class)
                .hasMessage("unsupported compression '" + name
                        + "'; supported are [none, xz, zstd, gzip, bzip2, br, lz4, lzip, lzma]");
    }

    private static boolean isSingle(Compression compression) {
        return compression == Compression.BR || compression == Compression.LZMA;
    }

    private static byte[] uploaded(Compression compression) throws IOException {
        return resource(compression.toString());
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(CompressionTest.class.getResourceAsStream("uploaded/" + name))) {
            return in.readAllBytes();
        }
    }

    private static byte[] decode(Compression compression, byte[] file) throws IOException {
        try (InputStream in = compression.decode(new ByteArrayInputStream(file))) {
            return in.readAllBytes();
        }
    }

    /** A frame with a window of its own and one raw block of one byte (RFC 8878). */
    private static byte[] zstdWithWindow(int log) {
        return new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) ((log - 10) << 3), (1 << 3) | 1, 0, 0, 'x'};
    }

    /** Patches the dictionary size in the block header of a small file, and its checksum. */
    private static byte[] xzWithDictionary(int bytes) throws IOException {
        byte[] file = Compressed.one(Compression.XZ, new byte[100]);
        int header = 12;
        int headerSize = (file[header] + 1) * 4;
        int dictionary = header + 4;
        assertThat(file[dictionary - 2]).as("filter LZMA2").isEqualTo((byte) 0x21);
        file[dictionary] = (byte) (2 * (Integer.numberOfTrailingZeros(bytes) - 12));
        CRC32 checksum = new CRC32();
        checksum.update(file, header, headerSize - 4);
        for (int i = 0; i < 4; i++) {
            file[header + headerSize - 4 + i] = (byte) (checksum.getValue() >>> (8 * i));
        }
        return file;
    }

    private static byte[] data(int length) {
        Random random = new Random(7);
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) {
            data[i] = (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : 'a');
        }
        return data;
    }
}
