package dev.narsil.gateway.replicas;

import dev.narsil.gateway.kubo.ApiSecret;
import dev.narsil.gateway.pinning.PinResults;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.PoolOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** All donors of a configuration, and connections to them. Closing it ends what is under way. */
public final class Donors implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Donors.class.getName());
    private static final int CONNECT_MILLIS = 10_000;
    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final int CONNECTIONS_EACH = 2;
    private static final int MAX_WAITING = 16;
    private static final long CLOSE_SECONDS = 10;

    private final List<Donor> all;
    private final Vertx vertx;
    private final HttpClient client;
    private final DonorHttp.Pace pace;
    private final CountDownLatch closed = new CountDownLatch(1);

    private Donors(List<DonorOptions> options, List<Optional<ApiSecret>> secrets, DonorHttp.Pace pace, int pageSize) {
        this.pace = pace;
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setPreferNativeTransport(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        this.client = vertx.httpClientBuilder()
                .with(new HttpClientOptions().setConnectTimeout(CONNECT_MILLIS).setKeepAliveTimeout(KEEP_ALIVE_SECONDS))
                .with(new PoolOptions().setHttp1MaxSize(CONNECTIONS_EACH).setMaxWaitQueueSize(MAX_WAITING))
                .withConnectHandler(connection ->
                        connection.exceptionHandler(e -> LOG.log(System.Logger.Level.DEBUG, "a connection ended", e)))
                .build();
        List<Donor> made = new ArrayList<>();
        for (int i = 0; i < options.size(); i++) {
            DonorOptions donor = options.get(i);
            String authorization = secrets.get(i).map(ApiSecret::header).orElse(null);
            DonorHttp http = http(donor.name());
            made.add(
                    switch (donor.kind()) {
                        case PIN_SERVICE -> new PinServiceDonor(donor, http, authorization, pageSize);
                        case CLUSTER -> new ClusterDonor(donor, http, authorization);
                    });
        }
        this.all = List.copyOf(made);
    }

    /**
     * Reads the secrets of donors and makes what asks them. Nothing is connected yet.
     *
     * @throws IllegalArgumentException if a secret is none, or two donors have one name
     */
    public static Donors open(List<DonorOptions> options) throws IOException {
        return open(options, DonorHttp.Pace.DEFAULT, PinResults.MAX_RESULTS);
    }

    static Donors open(List<DonorOptions> options, DonorHttp.Pace pace, int pageSize) throws IOException {
        DonorOptions.requireNames(options);
        List<Optional<ApiSecret>> secrets = new ArrayList<>();
        for (DonorOptions donor : options) {
            secrets.add(
                    donor.secretFile() == null ? Optional.empty() : Optional.of(ApiSecret.read(donor.secretFile())));
        }
        return new Donors(options, secrets, pace, pageSize);
    }

    List<Donor> all() {
        return all;
    }

    /** Makes requests in the name of a donor, paced for themselves. */
    DonorHttp http(String name) {
        return new DonorHttp(name, client, pace, closed);
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(System.Logger.Level.DEBUG, "connections did not close in time", e);
        }
    }
}
