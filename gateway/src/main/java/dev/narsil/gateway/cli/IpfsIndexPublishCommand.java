package dev.narsil.gateway.cli;

import dev.narsil.gateway.ipfs.index.IndexPublisher;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.narinfo.SecretKey;
import dev.narsil.gateway.pinning.RequestedPins;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Publishes the index of what is published. */
@Command(
        name = "publish",
        description = {
            "Makes a signed index of all published paths, has the Kubo daemon keep it, and serves it.",
            "Others follow it by the URL of this cache, or by the IPNS name."
        })
final class IpfsIndexPublishCommand implements StoreCommand {

    /** Time for telling the network what a name stands for; that may take a minute. */
    private static final Duration NAME_TIME = Duration.ofMinutes(3);

    /** How long others believe a name; the daemon tells it again much sooner. */
    private static final Duration NAME_LIFETIME = Duration.ofDays(2);

    /** How long others need not ask for it again. */
    private static final Duration NAME_TTL = Duration.ofMinutes(5);

    @Option(
            names = "--sign-key-file",
            paramLabel = "FILE",
            required = true,
            description = "The secret key that signs the index, as 'narsil key generate' makes it.")
    private String keyFile = "";

    @Option(
            names = "--ipns",
            paramLabel = "KEYNAME",
            description = "Have the IPNS name of this key of the daemon ('self', or of 'ipfs key gen') stand for it.")
    private @Nullable String ipnsKey;

    @Mixin
    private KuboOption daemon = new KuboOption();

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public StoreUse use() {
        return StoreUse.REQUIRE;
    }

    @Override
    public int run(Invocation invocation) throws IOException {
        SecretKey key = KeyCommand.readKey(invocation.folder().resolve(keyFile));
        IndexPublisher.Published published;
        String name;
        try (KuboClient kubo = daemon.open(invocation)) {
            published = new IndexPublisher(
                            invocation.store(), new RequestedPins(invocation.store()), InstantSource.system())
                    .publish(key, kubo);
            name = ipnsKey == null
                    ? null
                    : kubo.network().publishName(ipnsKey, published.cid(), NAME_LIFETIME, NAME_TTL, NAME_TIME);
        } catch (IOException e) {
            invocation.cancellation().check();
            throw e;
        }
        if (published.skipped() > 0) {
            invocation.tell(
                    "narsil: ipfs index publish: " + Units.count(published.skipped(), "path")
                            + " left out, which changed since they were published; 'narsil ipfs publish' publishes them anew\n");
        }
        if (json) {
            invocation.print(new JsonObject()
                    .put("cid", published.cid().toString())
                    .put("sequence", published.index().sequence())
                    .put("paths", published.index().count())
                    .put("skipped", published.skipped())
                    .put("changed", published.changed())
                    .put("name", name));
        } else if (!invocation.quiet()) {
            invocation.print("index     " + published.cid() + (published.changed() ? "" : ", unchanged") + "\n"
                    + "sequence  " + published.index().sequence() + "\n"
                    + "paths     " + Units.count(published.index().count()) + "\n"
                    + (name == null ? "" : "name      /ipns/" + name + "\n"));
        }
        return ExitCode.OK;
    }
}
