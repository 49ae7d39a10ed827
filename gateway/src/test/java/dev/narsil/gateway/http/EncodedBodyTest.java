package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.NarReader;
import dev.narsil.blockstore.NarSlice;
import dev.narsil.blockstore.PathInfo;
import dev.narsil.blockstore.StoreException;
import dev.narsil.gateway.alias.AliasEncoder;
import dev.narsil.gateway.alias.AliasForm;
import dev.narsil.gateway.alias.AliasMeter;
import dev.narsil.gateway.alias.EncodedForm;
import dev.narsil.gateway.source.Compression;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodedBodyTest {

    private static final byte[] NAR = ServedStore.nar(1);
    private static final EncodedForm FORM = (EncodedForm) AliasForm.of(Compression.BZIP2);

    @TempDir
    private Path directory;

    private static long read(EncodedBody body) throws IOException, InterruptedException {
        long bytes = 0;
        for (NarSlice slice = body.next(); slice != null; slice = body.next()) {
            bytes += slice.length();
        }
        return bytes;
    }

    private static NarReader half(ServedStore served, PathInfo info, boolean second) throws IOException {
        int middle = NAR.length / 2;
        return served.store
                .openRange(info.narHash(), second ? middle : 0, second ? NAR.length - middle : middle)
                .orElseThrow();
    }

    private static EncodedBody body(ServedStore served, PathInfo info, EncodedBody.Continuation rest)
            throws IOException {
        long length;
        try (AliasMeter meter = new AliasMeter(Compression.BZIP2)) {
            meter.write(NAR);
            length = meter.finish(info.narHash(), NAR.length, Instant.EPOCH).length();
        }
        return new EncodedBody(
                new EncoderThreads().lease(),
                new AliasEncoder(FORM, 0, length),
                length,
                NAR.length,
                half(served, info, false),
                rest);
    }

    @Test
    void next_restOfTheNar_isOpenedWhereTheFirstPartEnds() throws IOException, InterruptedException {
        try (ServedStore served = new ServedStore(directory)) {
            PathInfo info = served.add(1, NAR);
            try (EncodedBody body = body(served, info, from -> {
                assertThat(from).isEqualTo(NAR.length / 2);
                return Optional.of(half(served, info, true));
            })) {
                assertThat(read(body)).isEqualTo(body.length());
            }
        }
    }

    @Test
    void next_narIsGoneHalfWay_fails() throws IOException {
        try (ServedStore served = new ServedStore(directory)) {
            PathInfo info = served.add(1, NAR);
            try (EncodedBody body = body(served, info, from -> Optional.empty())) {
                assertThatThrownBy(() -> read(body))
                        .isInstanceOf(StoreException.class)
                        .hasMessageContaining("bytes early");
            }
        }
    }
}
