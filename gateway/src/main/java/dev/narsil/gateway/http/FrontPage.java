package dev.narsil.gateway.http;

import dev.narsil.rewrite.path.StoreDir;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import org.jspecify.annotations.Nullable;

/** What a server says of itself: {@code nix-cache-info} for clients, and a page for people. */
final class FrontPage {

    private static final String CACHE_INFO_TYPE = "text/x-nix-cache-info";

    private FrontPage() {}

    static Document cacheInfo(StoreDir storeDir, int priority) {
        return Document.of(
                CACHE_INFO_TYPE, "StoreDir: " + storeDir + "\nWantMassQuery: 1\nPriority: " + priority + "\n");
    }

    /** The page, with the address {@code request} was sent to. */
    static Document page(StoreDir storeDir, String basePath, HttpServerRequest request) {
        @Nullable HostAndPort authority = request.authority();
        String url = request.scheme() + "://" + (authority == null ? "HOST:PORT" : authority) + basePath;
        return Document.of(Reply.TEXT, """
                Narsil, a binary cache for Nix.

                Cache:           %s
                Store directory: %s

                To use it, put into nix.conf, with the public key of whoever signed the paths:

                extra-substituters = %s
                extra-trusted-public-keys = NAME:KEY
                """.formatted(url, storeDir, url));
    }
}
