package dev.narsil.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.narsil.blockstore.BlockStore;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A server with a defect. */
@Timeout(120)
class AnsweringTest {

    private final AtomicBoolean defect = new AtomicBoolean();
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(Answering.class);

    @TempDir
    private Path directory;

    @BeforeEach
    void listen() {
        logged.start();
        logger.addAppender(logged);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(logged);
    }

    /** A store whose look-ups throw what they should not. */
    private BlockStore defective(BlockStore store) {
        return (BlockStore) Proxy.newProxyInstance(
                BlockStore.class.getClassLoader(), new Class<?>[] {BlockStore.class}, (proxy, method, arguments) -> {
                    if (defect.get() && method.getName().startsWith("get")) {
                        throw new IllegalStateException("on purpose");
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void get_lookUpThrows_isAnswered500AndLoggedOnce() throws IOException {
        try (ServedStore served = new ServedStore(directory, ServedStore.OPTIONS, this::defective)) {
            defect.set(true);
            List<String> paths = List.of(
                    "/" + "0".repeat(32) + ".narinfo",
                    "/" + "0".repeat(32) + ".ls",
                    "/log/" + "0".repeat(32) + "-x.drv");
            for (String path : paths) {
                logged.list.clear();
                assertThat(served.get(path).status()).as(path).isEqualTo(500);
                assertThat(logged.list).as(path).hasSize(1);
            }
            defect.set(false);
            assertThat(served.get(paths.getFirst()).status()).isEqualTo(404);
        }
    }
}
