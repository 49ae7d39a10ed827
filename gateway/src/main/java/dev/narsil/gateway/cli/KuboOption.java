package dev.narsil.gateway.cli;

import dev.narsil.gateway.kubo.ApiAddress;
import dev.narsil.gateway.kubo.ApiSecret;
import dev.narsil.gateway.kubo.KuboClient;
import dev.narsil.gateway.kubo.KuboLimits;
import dev.narsil.gateway.kubo.KuboOptions;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options that say which daemon is meant. */
final class KuboOption {

    @Option(
            names = "--api",
            paramLabel = "URL",
            converter = AddressConverter.class,
            description = "The RPC API of the Kubo daemon: a URL or a multiaddr (default: http://127.0.0.1:5001). "
                    + "Where 'narsil serve' runs, it is the one that connects.")
    private ApiAddress api = ApiAddress.DEFAULT;

    @Option(
            names = "--api-secret-file",
            paramLabel = "FILE",
            description = "A file with what the daemon wants as authorization: bearer:TOKEN or basic:USER:PASSWORD.")
    private @Nullable String secretFile;

    ApiAddress address() {
        return api;
    }

    /** Returns a client of it, which is closed when the command is cancelled. Nothing is connected yet. */
    KuboClient open(Invocation invocation) throws IOException {
        ApiSecret secret = null;
        if (secretFile != null) {
            try {
                secret = ApiSecret.read(invocation.folder().resolve(secretFile));
            } catch (IllegalArgumentException e) {
                throw new CommandException(ExitCode.FAILED, String.valueOf(e.getMessage()));
            }
        }
        KuboClient kubo = KuboClient.open(new KuboOptions(api, secret, KuboLimits.DEFAULT));
        invocation
                .cancellation()
                .onCancel(() -> Thread.ofPlatform().daemon().name("kubo-cancel").start(kubo::close));
        return kubo;
    }

    /** Lets picocli read the address of an API. */
    static final class AddressConverter implements ITypeConverter<ApiAddress> {
        @Override
        public ApiAddress convert(String text) {
            try {
                return ApiAddress.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
