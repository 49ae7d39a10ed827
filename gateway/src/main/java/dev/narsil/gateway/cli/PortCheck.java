package dev.narsil.gateway.cli;

import dev.narsil.gateway.config.ListenAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Checks whether the address to listen on is free, or what answers there. */
final class PortCheck {

    private static final String WHAT = "port";
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private PortCheck() {}

    static Finding run(InetSocketAddress listen) {
        String address = ListenAddress.print(listen);
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(listen.getHostString()), listen.getPort()));
            return Finding.ok(WHAT, address + " is free");
        } catch (BindException e) {
            return taken(address, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return Finding.warn(WHAT, address + ": " + e.getMessage(), "choose another with --listen");
        }
    }

    private static Finding taken(String address, String reason) {
        String advice = "stop what listens there, or choose another port with 'narsil serve --listen'";
        try (HttpClient client =
                HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + address + "/nix-cache-info"))
                    .timeout(PATIENCE)
                    .build();
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200 && response.body().contains("StoreDir:")
                    ? Finding.ok(WHAT, address + " is served: a binary cache answers")
                    : Finding.warn(WHAT, address + " is taken by a program that is no binary cache", advice);
        } catch (IOException e) {
            return Finding.warn(WHAT, address + ": " + reason, advice);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Finding.warn(WHAT, address + ": interrupted", "");
        }
    }
}
