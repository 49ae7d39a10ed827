package dev.narsil.gateway.kubo;

import dev.narsil.blockstore.ipfs.cid.Cid;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A command of the RPC API with its arguments.
 *
 * @param name as {@code pin/add}
 * @param query what follows the question mark, encoded
 * @param time how long the daemon may take
 */
record Command(String name, String query, Duration time) {

    /** A command without arguments; the daemon is told {@code time} in the syntax of Go. */
    static Command of(String name, Duration time) {
        return new Command(name, "timeout=" + Math.max(1, time.toMillis()) + "ms", time);
    }

    Command arg(String value) {
        return option("arg", value);
    }

    Command arg(Cid cid) {
        return arg(cid.toString());
    }

    Command option(String key, boolean value) {
        return option(key, Boolean.toString(value));
    }

    Command option(String key, String value) {
        return new Command(name, query + "&" + key + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8), time);
    }

    /** Returns the path and the query. */
    String target() {
        return "api/v0/" + name + "?" + query;
    }

    /** Returns the name, for errors: arguments may be names of peers. */
    @Override
    public String toString() {
        return name;
    }
}
