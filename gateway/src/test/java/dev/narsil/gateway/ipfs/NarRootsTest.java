package dev.narsil.gateway.ipfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.narsil.blockstore.ipfs.cid.Cid;
import dev.narsil.blockstore.ipfs.cid.Codec;
import dev.narsil.rewrite.hash.Sha256;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class NarRootsTest {

    private static final Sha256 NAR_HASH = Sha256.hash(new byte[0]);
    private static final Cid ONE = Cid.of(Codec.RAW, Sha256.hash(new byte[] {1}));
    private static final Cid TWO = Cid.of(Codec.RAW, Sha256.hash(new byte[] {2}));
    private static final NarRoots FAILING = narHash -> {
        throw new IOException("damaged");
    };

    @Test
    void of_several_tellsEachRootOnceInTheirOrder() throws IOException {
        NarRoots all = NarRoots.of(List.of(_ -> List.of(TWO), _ -> List.of(ONE, TWO)));
        assertThat(all.roots(NAR_HASH)).containsExactly(TWO, ONE);
    }

    @Test
    void of_oneFails_tellsWhatTheOthersKnow() throws IOException {
        assertThat(NarRoots.of(List.of(FAILING, _ -> List.of(ONE))).roots(NAR_HASH))
                .containsExactly(ONE);
    }

    @Test
    void of_oneFailsAndNobodyKnows_fails() {
        NarRoots all = NarRoots.of(List.of(FAILING, _ -> List.of()));
        assertThatThrownBy(() -> all.roots(NAR_HASH)).hasMessage("damaged");
    }

    @Test
    void of_interrupted_asksNobodyElse() {
        NarRoots all = NarRoots.of(List.of(
                narHash -> {
                    throw new InterruptedIOException("interrupted");
                },
                _ -> List.of(ONE)));
        assertThatThrownBy(() -> all.roots(NAR_HASH)).isInstanceOf(InterruptedIOException.class);
    }
}
