package dev.narsil.gateway.cli;

import dev.narsil.gateway.access.Permission;
import dev.narsil.gateway.access.Token;
import dev.narsil.gateway.access.Tokens;
import dev.narsil.gateway.config.TimeSpan;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Makes, lists and revokes the tokens of a store. */
@Command(
        name = "token",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {TokenCommand.Create.class, TokenCommand.ListAll.class, TokenCommand.Revoke.class},
        description = {
            "Makes, lists and revokes the tokens that let clients read from or write to this cache, or have it keep things in IPFS.",
            "What is changed is in force at once, also in a running 'narsil serve'."
        },
        footer = {
            "",
            "Examples:",
            "  narsil token create --name ci --allow read,write --expires 90d",
            "  narsil token revoke ci",
            "",
            "A client of Nix takes a token from its netrc file:",
            "  machine cache.example.org login any password TOKEN"
        })
final class TokenCommand {

    private static JsonObject document(Token token) {
        JsonArray permissions = new JsonArray();
        token.permissions().stream().sorted().forEach(permission -> permissions.add(permission.toString()));
        return new JsonObject()
                .put("id", token.id())
                .put("name", token.name())
                .put("permissions", permissions)
                .put("created", token.created().toString())
                .put("expires", token.expires() == null ? null : token.expires().toString());
    }

    /** Makes a token. */
    @Command(name = "create", description = "Makes a token and prints it: this once, as only its hash is kept.")
    static final class Create implements StoreCommand {

        @Option(
                names = "--name",
                required = true,
                paramLabel = "NAME",
                description = "Who it is for; 1 to 64 characters of A-Z a-z 0-9 . _ -")
        private String name = "";

        @Option(
                names = "--allow",
                required = true,
                split = ",",
                paramLabel = "PERMISSION",
                converter = PermissionConverter.class,
                description = "What it allows: read, write, admin, pin; several with commas between.")
        private List<Permission> allow = List.of();

        @Option(
                names = "--expires",
                paramLabel = "TIME",
                converter = TimeSpanConverter.class,
                description = "How long it is good, such as 90d or 12h (default: until it is revoked).")
        private @Nullable Duration expires;

        @Option(names = "--json", description = "Print one JSON object.")
        private boolean json;

        @Override
        public StoreUse use() {
            return StoreUse.CREATE;
        }

        @Override
        public int run(Invocation invocation) throws IOException {
            Set<Permission> permissions = EnumSet.copyOf(allow);
            Tokens.Created created;
            try {
                created = invocation.tokens().create(name, permissions, expires, Instant.now());
            } catch (IllegalArgumentException e) {
                throw new CommandException(ExitCode.FAILED, String.valueOf(e.getMessage()));
            }
            Token token = created.token();
            if (json) {
                invocation.print(document(token).put("token", created.secretText()));
                return ExitCode.OK;
            }
            invocation.print(created.secretText() + "\n");
            if (!invocation.quiet()) {
                invocation.tell("token '" + token.name() + "' (" + token.id() + ") allows "
                        + Permission.list(permissions) + " "
                        + (token.expires() == null ? "until it is revoked" : "until " + token.expires())
                        + "; it is not shown again\n");
            }
            return ExitCode.OK;
        }
    }

    /** Lists the tokens. */
    @Command(name = "list", description = "Lists the tokens, without their secrets.")
    static final class ListAll implements StoreCommand {

        @Option(names = "--json", description = "Print one JSON object.")
        private boolean json;

        @Override
        public StoreUse use() {
            return StoreUse.REQUIRE;
        }

        @Override
        public int run(Invocation invocation) throws IOException {
            List<Token> tokens = invocation.tokens().list();
            if (json) {
                JsonArray all = new JsonArray();
                tokens.forEach(token -> all.add(document(token)));
                invocation.print(new JsonObject().put("tokens", all));
                return ExitCode.OK;
            }
            Table table = new Table().row("NAME", "ID", "ALLOWS", "EXPIRES");
            Instant now = Instant.now();
            for (Token token : tokens) {
                table.row(token.name(), token.id(), Permission.list(token.permissions()), expiry(token, now));
            }
            invocation.print(table.print());
            return ExitCode.OK;
        }

        private static String expiry(Token token, Instant now) {
            if (token.expires() == null) {
                return "never";
            }
            return token.expires() + (token.isExpired(now) ? " (expired)" : "");
        }
    }

    /** Revokes a token. */
    @Command(name = "revoke", description = "Takes a token back. It is refused from then on.")
    static final class Revoke implements StoreCommand {

        @Parameters(paramLabel = "NAME|ID", description = "The token's name or id, as 'narsil token list' shows them.")
        private String nameOrId = "";

        @Override
        public StoreUse use() {
            return StoreUse.REQUIRE;
        }

        @Override
        public int run(Invocation invocation) throws IOException {
            Token revoked = invocation
                    .tokens()
                    .revoke(nameOrId)
                    // what was typed may be the token itself, so it is not repeated
                    .orElseThrow(() -> new CommandException(
                            ExitCode.FAILED, "no token has this name or id; 'narsil token list' shows them"));
            if (!invocation.quiet()) {
                invocation.tell("revoked '" + revoked.name() + "' (" + revoked.id() + ")\n");
            }
            return ExitCode.OK;
        }
    }

    /** Lets picocli read a permission. */
    static final class PermissionConverter implements ITypeConverter<Permission> {
        @Override
        public Permission convert(String text) {
            try {
                return Permission.of(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** Lets picocli read a duration. */
    static final class TimeSpanConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            try {
                return TimeSpan.parse(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }
}
