package dev.narsil.gateway.kubo;

import dev.narsil.blockstore.ipfs.car.CarWriter;
import dev.narsil.blockstore.ipfs.cid.Cid;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Streams CARs to {@code dag/import}, and believes an answer only that counts every block and pin. */
final class CarImport {

    /** Lines of an answer beside those of roots. */
    private static final int OTHER_LINES = 16;

    private final Rpc rpc;

    CarImport(Rpc rpc) {
        this.rpc = rpc;
    }

    ImportedCar run(List<Cid> roots, boolean pin, Duration time, CarProducer producer) throws IOException {
        Command command = Command.of("dag/import", time)
                .option("pin-roots", pin)
                .option("stats", true)
                .option("fast-provide-root", false);
        try (Exchange exchange = rpc.upload(command)) {
            Sent sent = send(exchange, roots, producer);
            Answer answer = exchange.answer();
            if (sent.car() == null) {
                throw answer.unintelligible("it came before the end of the CAR");
            }
            return read(answer, roots, pin, sent.car());
        }
    }

    /** What was sent; null if the daemon did not want it all. */
    private record Sent(@Nullable CarWriter car) {}

    private static Sent send(Exchange exchange, List<Cid> roots, CarProducer producer) throws IOException {
        MultipartBody body = exchange.body();
        try {
            CarWriter car = new CarWriter(body, roots);
            producer.writeTo(car);
            body.finish();
            return new Sent(car);
        } catch (IOException e) {
            if (!body.isStopped()) {
                throw e;
            }
            // the daemon has answered or is gone: its answer tells why
            return new Sent(null);
        }
    }

    private static ImportedCar read(Answer answer, List<Cid> roots, boolean pin, CarWriter car) throws IOException {
        Set<String> unpinned = new HashSet<>();
        if (pin) {
            roots.forEach(root -> unpinned.add(root.toString()));
        }
        ImportedCar taken = null;
        JsonLines lines = answer.lines();
        int left = roots.size() + OTHER_LINES;
        for (JsonFields line = lines.next(); line != null; line = lines.next()) {
            if (left-- == 0) {
                throw answer.unintelligible("too many lines");
            }
            JsonFields root = line.object("Root");
            if (root != null) {
                unpinned.remove(pinned(answer, root));
            }
            JsonFields stats = line.object("Stats");
            if (stats != null) {
                taken = new ImportedCar(stats.count("BlockCount"), stats.count("BlockBytesCount"));
            }
        }
        if (taken == null) {
            throw answer.unintelligible("it does not count the blocks");
        }
        if (!taken.equals(new ImportedCar(car.blocks(), car.blockBytes()))) {
            throw answer.failed(
                    "",
                    "it took " + taken.blocks() + " blocks of " + taken.blockBytes() + " bytes of " + car.blocks()
                            + " of " + car.blockBytes() + " that were sent");
        }
        if (!unpinned.isEmpty()) {
            throw answer.failed("", "it left unpinned " + String.join(", ", unpinned));
        }
        return taken;
    }

    /** Returns the CID of a root that was pinned. */
    private static String pinned(Answer answer, JsonFields root) throws IOException {
        JsonFields link = root.object("Cid");
        if (link == null) {
            throw answer.unintelligible("a root without a CID");
        }
        String cid = link.text("/");
        String error = root.optionalText("PinErrorMsg").orElse("");
        if (!error.isEmpty()) {
            throw answer.failed("the blocks were stored, but " + cid + " was not pinned: ", error);
        }
        return cid;
    }
}
