package dev.narsil.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.gateway.cli.Cli.Result;
import dev.narsil.gateway.cli.Cli.Serving;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class TokenCommandTest {

    @TempDir
    private Path folder;

    private Cli cli;

    @BeforeEach
    void makeCli() {
        cli = new Cli(folder);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void token_createListRevoke_withAndWithoutServe_works(boolean served) throws IOException {
        if (!served) {
            createListRevoke();
            return;
        }
        try (Serving serving = cli.serve()) {
            assertThat(serving.url()).isNotEmpty();
            createListRevoke();
        }
    }

    private void createListRevoke() {
        Result created = cli.run("token", "create", "--name", "ci", "--allow", "write,read", "--expires", "90d");
        assertThat(created.code()).isZero();
        assertThat(created.out()).matches("narsil_[0-9a-z]{8}_[0-9a-z]{52}\n");
        assertThat(created.err())
                .contains("'ci'")
                .contains("read,write")
                .doesNotContain(created.out().strip());
        JsonObject other = new JsonObject(cli.run("token", "create", "--name", "laptop", "--allow", "admin", "--json")
                .out());
        assertThat(other.getString("token")).startsWith("narsil_" + other.getString("id") + "_");
        assertThat(other.getString("expires")).isNull();

        Result list = cli.run("token", "list");
        assertThat(list.out())
                .contains("ci")
                .contains("read,write")
                .contains("laptop")
                .contains("never");
        assertThat(list.out()).doesNotContain(created.out().strip());
        JsonArray all = new JsonObject(cli.run("token", "list", "--json").out()).getJsonArray("tokens");
        assertThat(all).hasSize(2);
        assertThat(all.getJsonObject(0).getJsonArray("permissions")).containsExactly("read", "write");

        assertThat(cli.run("token", "create", "--name", "ci", "--allow", "read").code())
                .isEqualTo(ExitCode.FAILED);
        assertThat(cli.run("token", "revoke", "ci").code()).isZero();
        assertThat(cli.run("token", "revoke", other.getString("id")).code()).isZero();
        assertThat(new JsonObject(cli.run("token", "list", "--json").out()).getJsonArray("tokens"))
                .isEmpty();
    }

    @Test
    void token_revokeOfATokenItself_doesNotRepeatIt() {
        String token = cli.run("token", "create", "--name", "ci", "--allow", "read")
                .out()
                .strip();
        Result refused = cli.run("token", "revoke", token);
        assertThat(refused.code()).isEqualTo(ExitCode.FAILED);
        assertThat(refused.out() + refused.err()).doesNotContain(token);
    }

    @Test
    void token_wrongOptions_areUsageErrors() {
        assertThat(cli.run("token").code()).isEqualTo(ExitCode.USAGE);
        assertThat(cli.run("token", "create", "--name", "ci").code()).isEqualTo(ExitCode.USAGE);
        Result permission = cli.run("token", "create", "--name", "ci", "--allow", "delete");
        assertThat(permission.code()).isEqualTo(ExitCode.USAGE);
        assertThat(permission.err()).contains("'delete' is not a permission");
        Result expires = cli.run("token", "create", "--name", "ci", "--allow", "read", "--expires", "soon");
        assertThat(expires.code()).isEqualTo(ExitCode.USAGE);
        assertThat(expires.err()).contains("'soon' is not a time");
    }
}
