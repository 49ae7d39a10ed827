package dev.narsil.gateway.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.gateway.upstream.SignedPath;
import dev.narsil.rewrite.hash.Sha256;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class UsableHoldersTest {

    private static final SignedPath PATH = SignedPath.of(1);
    private static final Sha256 NAR_HASH = PATH.narInfo().pathInfo().narHash();
    private static final Holder FIRST = holder("first");
    private static final Holder LATE = holder("late");

    private final Suspicions suspicions = new Suspicions(Duration.ofMinutes(1));

    private static Holder holder(String upstream) {
        return new SocketHolder(
                upstream, new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), PATH.narInfo(), 1000);
    }

    private static Holders known(List<Holder> now, CompletableFuture<List<Holder>> late) {
        return new Holders() {
            @Override
            public KnownHolders of(Sha256 narHash) {
                return new KnownHolders(now, late);
            }

            @Override
            public int upstreams() {
                return 2;
            }
        };
    }

    private void blame(Holder holder) {
        suspicions.wrong(NAR_HASH, new Remains(List.of(new Beginning(holder.suspect(), 1, NAR_HASH)), false));
    }

    @Test
    void of_someAreUsable_doesNotWaitForLateOnes() throws Exception {
        CompletableFuture<List<Holder>> late = new CompletableFuture<>();
        KnownHolders usable = new UsableHolders(known(List.of(FIRST), late), suspicions).of(NAR_HASH);
        assertThat(usable.now()).containsExactly(FIRST);
        late.complete(List.of(LATE));
        assertThat(usable.late().get()).containsExactly(LATE);
    }

    @Test
    void of_theOnlyOneWasWrong_waitsForLateOnes() throws Exception {
        blame(FIRST);
        CompletableFuture<List<Holder>> late = new CompletableFuture<>();
        Thread.startVirtualThread(() -> late.complete(List.of(FIRST, LATE)));
        KnownHolders usable = new UsableHolders(known(List.of(FIRST), late), suspicions).of(NAR_HASH);
        assertThat(usable.now()).containsExactly(LATE);
    }

    @Test
    void of_nobodyIsKnown_doesNotWait() throws Exception {
        KnownHolders usable = new UsableHolders(known(List.of(), new CompletableFuture<>()), suspicions).of(NAR_HASH);
        assertThat(usable.isEmpty()).isTrue();
    }
}
