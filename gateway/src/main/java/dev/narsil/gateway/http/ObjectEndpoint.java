package dev.narsil.gateway.http;

import dev.narsil.blockstore.NarStore;
import dev.narsil.gateway.upload.ObjectKind;
import dev.narsil.gateway.upload.ObjectName;
import dev.narsil.gateway.upload.Objects;
import dev.narsil.gateway.upload.StoredObject;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the small files of one kind that clients uploaded, as they were before any coding. */
final class ObjectEndpoint implements Endpoint {

    /** Most files sent at a time that have more than one frame; each may take 16 MiB. */
    static final int MAX_LARGE_IN_FLIGHT = 4;

    private static final Logger LOG = LoggerFactory.getLogger(ObjectEndpoint.class);

    private final Objects objects;
    private final ObjectKind kind;
    private final @Nullable Endpoint otherwise;
    private final StoreThreads storeThreads;
    private final Traffic traffic;
    private final Connections connections;
    private final Duration writeStallTimeout;
    private final Semaphore large;
    private final LongAdder bytesSent = new LongAdder();

    /** Serves files of {@code kind}; for one that nobody uploaded, asks {@code otherwise} or answers 404. */
    ObjectEndpoint(
            NarStore store,
            ObjectKind kind,
            @Nullable Endpoint otherwise,
            StoreThreads storeThreads,
            Traffic traffic,
            Connections connections,
            Duration writeStallTimeout,
            Semaphore large) {
        this.objects = new Objects(store);
        this.kind = kind;
        this.otherwise = otherwise;
        this.storeThreads = storeThreads;
        this.traffic = traffic;
        this.connections = connections;
        this.writeStallTimeout = writeStallTimeout;
        this.large = large;
    }

    @Override
    public void serve(HttpServerRequest request, Context context, Target target) {
        ObjectName name;
        try {
            name = ObjectName.parse(kind, target.name());
        } catch (IllegalArgumentException e) {
            Reply.notFound(request, "nothing has that name: " + e.getMessage());
            return;
        }
        try {
            Answering.run(request, storeThreads, () -> look(request, context, target, name));
        } catch (RejectedExecutionException e) {
            busy(request, "too many requests at a time");
        }
    }

    private void look(HttpServerRequest request, Context context, Target target, ObjectName name) {
        try {
            Optional<StoredObject> found = objects.find(name);
            if (found.isPresent()) {
                answer(request, context, name, found.get());
            } else if (otherwise != null) {
                context.runOnContext(v -> otherwise.serve(request, context, target));
            } else {
                Reply.notFound(request, "nobody uploaded that");
            }
        } catch (IOException e) {
            LOG.error("{} cannot be read: {}", name, e.getMessage());
            if (NarResponse.isCorrupt(e)) {
                Reply.notFound(request, "what is stored cannot be read");
            } else {
                Reply.busy(request, "the store has trouble");
            }
        }
    }

    private void answer(HttpServerRequest request, Context context, ObjectName name, StoredObject object)
            throws IOException {
        EntityTag tag = EntityTag.of(object.hash());
        boolean known = tag.isListedIn(request.headers().getAll(HttpHeaderNames.IF_NONE_MATCH));
        HttpServerResponse response = request.response();
        if (known || Reply.isHead(request)) {
            describe(response, tag, object);
            response.setStatusCode(known ? 304 : 200).end();
        } else if (object.frames().size() <= 1) {
            byte[] bytes = object.frames().isEmpty() ? new byte[0] : object.frame(0);
            describe(response, tag, object);
            response.end(Buffer.buffer(bytes));
        } else if (large.tryAcquire()) {
            context.runOnContext(v -> sendLarge(request, context, name, object));
        } else {
            busy(request, "too many files at a time");
        }
    }

    private void describe(HttpServerResponse response, EntityTag tag, StoredObject object) {
        response.putHeader(HttpHeaderNames.CONTENT_TYPE, kind.contentType())
                .putHeader(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(object.length()))
                .putHeader(HttpHeaderNames.ETAG, tag.value());
    }

    private void sendLarge(HttpServerRequest request, Context context, ObjectName name, StoredObject object) {
        BodyWriter body = new BodyWriter(request.response(), context, writeStallTimeout, bytesSent);
        HttpConnection connection = request.connection();
        connections.responseBegan(connection);
        Answering.run(request, Thread.ofVirtual().name("object-" + name)::start, () -> {
            try (body) {
                send(request, name, object, body);
            } finally {
                connections.responseEnded(connection);
                large.release();
            }
        });
    }

    private void send(HttpServerRequest request, ObjectName name, StoredObject object, BodyWriter body) {
        try {
            describe(request.response(), EntityTag.of(object.hash()), object);
            body.length(object.length());
            for (int i = 0; i < object.frames().size(); i++) {
                int number = i;
                byte[] frame = storeThreads.call(() -> object.frame(number));
                body.write(frame, 0, frame.length);
            }
            body.finish();
        } catch (ClientLostException e) {
            (e.isStalled() ? traffic.stalledResponses : traffic.lostResponses).increment();
            Connections.reset(request.connection());
        } catch (IOException | RejectedExecutionException e) {
            LOG.error("{} cannot be sent: {}", name, e.getMessage());
            Connections.reset(request.connection());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            Connections.reset(request.connection());
        }
    }

    private void busy(HttpServerRequest request, String reason) {
        traffic.refusedRequests.increment();
        Reply.busy(request, reason);
    }
}
