package dev.narsil.rewrite.nar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.rewrite.hash.Sha256;
import dev.narsil.rewrite.testing.NarTokens;
import dev.narsil.rewrite.testing.RandomNar;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class NarWriterTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final NarWriter writer = writer();

    private NarWriter writer() {
        try {
            return new NarWriter(out);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void finish_treeOfTheReference_givesItsLengthAndHash() throws IOException {
        writer.startDirectory();
        writer.entry(latin1("bin"));
        writer.startDirectory();
        writer.entry(latin1("hi"));
        writer.regular(true, latin1("#!/bin/sh\necho hi\n"));
        writer.endDirectory();
        writer.entry(latin1("link"));
        writer.symlink(latin1("bin/hi"));
        writer.endDirectory();
        writer.finish();
        assertThat(out.size()).isEqualTo(696);
        assertThat(Sha256.hash(out.toByteArray()))
                .hasToString("sha256:08b557fqkzahgiadnl969sq8rrp2l7y1niwb84cnsksybrjrppb2");
        assertThat(Parsed.whole(out.toByteArray()).reason()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 70_000})
    void regular_fromStream_padsToEight(int size) throws IOException {
        byte[] contents = "x".repeat(size).getBytes(StandardCharsets.US_ASCII);
        writer.regular(false, size, new ByteArrayInputStream(contents));
        writer.finish();
        assertThat(out.toByteArray())
                .isEqualTo(NarTokens.nar().file("x".repeat(size)).toBytes());
    }

    @Test
    void regular_streamTooShort_isRefused() {
        assertThatThrownBy(() -> writer.regular(false, 3, new ByteArrayInputStream(new byte[2])))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void contents_tooLong_isRefused() throws IOException {
        writer.startRegular(false, 2);
        assertThatThrownBy(() -> writer.contents(new byte[3], 0, 3)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void endRegular_tooShort_isRefused() throws IOException {
        writer.startRegular(false, 2);
        writer.contents(new byte[1], 0, 1);
        assertThatThrownBy(writer::endRegular).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void startRegular_negativeSize_isRefused() {
        assertThatThrownBy(() -> writer.startRegular(false, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "a\0", "B", "a"})
    void entry_badOrUnsortedName_isRefused(String name) throws IOException {
        writer.startDirectory();
        writer.entry(latin1("a"));
        writer.regular(false, new byte[0]);
        assertThatThrownBy(() -> writer.entry(latin1(name))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void entry_nameOf256Bytes_isRefused() throws IOException {
        writer.startDirectory();
        assertThatThrownBy(() -> writer.entry(new byte[256])).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void symlink_badTarget_isRefused() {
        for (String target : new String[] {"", "a\0", "a".repeat(4096)}) {
            assertThatThrownBy(() -> writer.symlink(latin1(target))).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void entry_atDepth64_isRefused() throws IOException {
        for (int depth = 0; depth < NarParser.MAX_DEPTH - 1; depth++) {
            writer.startDirectory();
            writer.entry(latin1("d"));
        }
        writer.startDirectory();
        assertThatThrownBy(() -> writer.entry(latin1("d"))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void calls_outOfOrder_areRefused() throws IOException {
        assertThatThrownBy(() -> writer.entry(latin1("a"))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(writer::endDirectory).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> writer.contents(new byte[0], 0, 0)).isInstanceOf(IllegalStateException.class);
        writer.startDirectory();
        assertThatThrownBy(writer::startDirectory).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
        writer.endDirectory();
        assertThatThrownBy(() -> writer.symlink(latin1("a"))).isInstanceOf(IllegalStateException.class);
        writer.finish();
        assertThat(out.size()).isEqualTo(96);
    }

    static Iterable<NarCases.Case> good() {
        return NarCases.all().stream().filter(nar -> nar.reason().isEmpty()).toList();
    }

    @ParameterizedTest
    @MethodSource("good")
    void write_eventsOfGoodNar_givesThatNar(NarCases.Case nar) {
        byte[] bytes = nar.nar().toBytes();
        assertThat(Rewritten.of(bytes)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(longs = {7, 8})
    void write_eventsOfRandomNar_givesThatNar(long seed) {
        byte[] bytes = RandomNar.of(seed).bytes(RandomNar.digests(seed, 5));
        assertThat(Rewritten.of(bytes)).as("seed %d", seed).isEqualTo(bytes);
    }

    private static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
