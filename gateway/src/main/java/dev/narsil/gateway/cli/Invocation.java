package dev.narsil.gateway.cli;

import dev.narsil.blockstore.NarStore;
import dev.narsil.blockstore.StoreOptions;
import dev.narsil.gateway.access.Tokens;
import dev.narsil.gateway.control.Cancellation;
import dev.narsil.gateway.control.CommandStreams;
import dev.narsil.gateway.control.Terminal;
import dev.narsil.gateway.donate.DonationPolicy;
import dev.narsil.gateway.donate.DonationSchedule;
import dev.narsil.gateway.donate.Donations;
import dev.narsil.gateway.download.DownloadState;
import dev.narsil.gateway.ipfs.fetch.FetchState;
import dev.narsil.gateway.ipfs.fetch.IpfsFetch;
import dev.narsil.gateway.ipfs.index.RefreshMeters;
import dev.narsil.gateway.replicas.DonorOptions;
import dev.narsil.gateway.subscribe.Subscriptions;
import dev.narsil.gateway.upstream.UpstreamState;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One run of a command about a store.
 *
 * @param openStore the store; null only for a command that can do without
 * @param serving what the running server goes by; null where none runs
 * @param dataDirectory the directory the store lies in
 * @param donors who can be asked for copies
 * @param storeOptions how a store like it is opened
 * @param donationPolicy what donations of the store may be
 * @param folder the working directory of its user
 * @param streams its standard streams
 * @param terminal where they end up
 * @param quiet whether only results and failures are wanted
 */
record Invocation(
        @Nullable NarStore openStore,
        @Nullable Serving serving,
        Path dataDirectory,
        List<DonorOptions> donors,
        StoreOptions storeOptions,
        DonationPolicy donationPolicy,
        Path folder,
        CommandStreams streams,
        Terminal terminal,
        boolean quiet) {

    /** Returns the store of a command that said it needs one. */
    NarStore store() {
        if (openStore == null) {
            throw new IllegalStateException("a command that needs a store runs without");
        }
        return openStore;
    }

    /** Returns the tokens of the store: those of the running server where there is one. */
    Tokens tokens() throws IOException {
        return serving == null ? Tokens.load(store()) : serving.tokens();
    }

    /** Returns how the upstreams of the running server do; none where no server runs. */
    List<UpstreamState> upstreams() {
        return serving == null ? List.of() : serving.upstreams().states();
    }

    /** Returns what the running server brings and shares by itself; empty where no server runs. */
    Optional<ServedSharing> sharing() {
        return Optional.ofNullable(serving).map(Serving::sharing);
    }

    /** Returns the subscriptions of the store: those of the running server where there is one. */
    Subscriptions subscriptions() throws IOException {
        return serving == null ? Subscriptions.load(store()) : serving.sharing().subscriptions();
    }

    /** Returns the donations of the store: those of the running server where there is one. */
    Donations donations() throws IOException {
        return serving == null ? Donations.load(store()) : serving.sharing().donations();
    }

    /** Returns what checks the donations of the running server; empty where none runs, or it has no daemon. */
    Optional<DonationSchedule> donationSchedule() {
        return sharing().flatMap(sharing -> Optional.ofNullable(sharing.donationSchedule()));
    }

    /** Returns what the downloads of the running server have done; empty where no server runs. */
    Optional<DownloadState> downloads() {
        return Optional.ofNullable(serving).map(server -> server.downloads().state());
    }

    /** Returns what the running server has fetched from IPFS; empty where none runs, or it does not. */
    Optional<FetchState> fetched() {
        return Optional.ofNullable(serving).map(Serving::fetch).map(IpfsFetch::state);
    }

    /** Returns how asking for followed indexes went in the running server; empty where none runs. */
    Optional<RefreshMeters> refreshes() {
        return Optional.ofNullable(serving).map(Serving::refreshes);
    }

    Optional<NarStore> storeIfPresent() {
        return Optional.ofNullable(openStore);
    }

    Cancellation cancellation() {
        return streams.cancellation();
    }

    /**
     * Waits for work of the running server, which ends if its user cancels the command.
     *
     * @param ifNone what to say if the work is taken away meanwhile
     * @throws IOException what the work failed with
     */
    <T> T await(CompletableFuture<T> work, String ifNone) throws IOException {
        cancellation().onCancel(() -> work.cancel(false));
        try {
            return work.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException(ExitCode.TEMPORARY, "interrupted");
        } catch (CancellationException e) {
            cancellation().check();
            throw new CommandException(ExitCode.TEMPORARY, ifNone);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                throw failure;
            }
            throw new CommandException(ExitCode.FAILED, "it failed: " + e.getCause());
        }
    }

    /** Writes text to standard output. */
    void print(String text) throws IOException {
        streams.out().write(text.getBytes(StandardCharsets.UTF_8));
        streams.out().flush();
    }

    /** Writes a document to standard output. */
    void print(JsonObject document) throws IOException {
        print(document.encodePrettily() + "\n");
    }

    /** Writes text to standard error. */
    void tell(String text) throws IOException {
        streams.err().write(text.getBytes(StandardCharsets.UTF_8));
        streams.err().flush();
    }
}
