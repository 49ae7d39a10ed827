package dev.narsil.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.narsil.gateway.source.Compressed;
import dev.narsil.gateway.source.Compression;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

@Timeout(120)
class DecoderPoolTest {

    private static final int MIB = 1 << 20;
    private static final byte[] SMALL = new byte[1000];

    private final DecoderPool memory = new DecoderPool(200, false);

    /** A frame as an encoder writes it that does not know how much comes. */
    private static byte[] zstd(int windowLog, byte[] data) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new ZstdOutputStreamNoFinalizer(bytes).setLong(windowLog)) {
            out.write(data);
        }
        return bytes.toByteArray();
    }

    private static byte[] xz(int dictionary, byte[] data) throws IOException {
        LZMA2Options options = new LZMA2Options(0);
        options.setDictSize(dictionary);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new XZOutputStream(bytes, options)) {
            out.write(data);
        }
        return bytes.toByteArray();
    }

    private byte[] decoded(Compression compression, byte[] file) throws IOException, InterruptedException {
        BufferedInputStream in = new BufferedInputStream(new ByteArrayInputStream(file), 64 << 10);
        DecoderPool.Taken taken = memory.acquire("upstream", compression, in);
        try (InputStream decoder = taken.memory().decode(in)) {
            return decoder.readAllBytes();
        } finally {
            memory.release(taken);
        }
    }

    @ParameterizedTest
    @EnumSource
    void acquire_usualFile_isDecoded(Compression compression) throws Exception {
        byte[] data = new byte[3 * MIB];
        new Random(1).nextBytes(data);

        assertThat(decoded(compression, Compressed.one(compression, data))).isEqualTo(data);
    }

    @Test
    void acquire_laterFrameWantsMoreThanTheFirst_failsThere() throws Exception {
        byte[] file = Compressed.concat(zstd(20, SMALL), zstd(27, new byte[20 * MIB]));

        assertThatThrownBy(() -> decoded(Compression.ZSTD, file)).isInstanceOf(IOException.class);
    }

    @Test
    void acquire_firstFrameWantsMuch_isCountedAndDecoded() throws Exception {
        byte[] file = zstd(27, new byte[20 * MIB]);

        assertThat(decoded(Compression.ZSTD, file)).hasSize(20 * MIB);
        assertThat(mib(Compression.ZSTD, file)).isEqualTo(129);
    }

    @Test
    void acquire_frameOfOneSegment_countsItsSize() throws Exception {
        byte[] random = new byte[MIB];
        new Random(1).nextBytes(random);
        byte[] large = new byte[40 * MIB];
        System.arraycopy(random, 0, large, 0, MIB);
        byte[] file = Zstd.compress(large, 1);
        int singleSegment = 0x20;
        // the same frame as one segment: its descriptor says so, and the byte of the window is left out
        byte[] one = new byte[file.length - 1];
        System.arraycopy(file, 0, one, 0, 5);
        one[4] |= (byte) singleSegment;
        System.arraycopy(file, 6, one, 5, one.length - 5);

        assertThat(file[4] & singleSegment).isZero();
        assertThat(mib(Compression.ZSTD, one)).isEqualTo(65);
        assertThat(decoded(Compression.ZSTD, one)).isEqualTo(large);
        byte[] afterSmall = Compressed.concat(zstd(20, SMALL), one);
        assertThatThrownBy(() -> decoded(Compression.ZSTD, afterSmall)).isInstanceOf(IOException.class);
    }

    @Test
    void acquire_skippableFrameFirst_countsTheNext() throws Exception {
        byte[] skippable = {0x53, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2};

        assertThat(mib(Compression.ZSTD, Compressed.concat(skippable, zstd(27, new byte[20 * MIB]))))
                .isEqualTo(129);
    }

    @Test
    void acquire_laterXzStreamWantsMoreThanTheFirst_failsThere() throws Exception {
        byte[] file = Compressed.concat(xz(MIB, SMALL), xz(64 * MIB, SMALL));

        assertThatThrownBy(() -> decoded(Compression.XZ, file)).isInstanceOf(IOException.class);
        assertThat(decoded(Compression.XZ, xz(64 * MIB, SMALL))).isEqualTo(SMALL);
    }

    @Test
    void acquire_oneOfSeveralUpstreams_leavesSomeForOthers() throws Exception {
        DecoderPool shared = new DecoderPool(40, true);
        byte[] file = Compressed.one(Compression.ZSTD, SMALL);
        for (int i = 0; i < 3; i++) {
            assertThat(shared.acquire("slow", Compression.ZSTD, in(file)).mib()).isEqualTo(9);
        }
        Thread fourth = Thread.ofVirtual().start(() -> {
            try {
                var _ = shared.acquire("slow", Compression.ZSTD, in(file));
            } catch (IOException | InterruptedException e) {
                // the test ends it
            }
        });
        DownloadFixture.await(() -> fourth.getState() == Thread.State.TIMED_WAITING);

        assertThat(shared.acquire("quick", Compression.ZSTD, in(file)).mib()).isEqualTo(9);
        fourth.interrupt();
    }

    private int mib(Compression compression, byte[] file) throws IOException, InterruptedException {
        DecoderPool.Taken taken = memory.acquire("upstream", compression, in(file));
        memory.release(taken);
        return taken.mib();
    }

    private static InputStream in(byte[] file) {
        return new BufferedInputStream(new ByteArrayInputStream(file), 64 << 10);
    }
}
