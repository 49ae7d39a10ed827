package dev.narsil.gateway.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.narsil.gateway.cli.Cli.Result;
import dev.narsil.gateway.control.Terminal;
import dev.narsil.gateway.narinfo.PublicKey;
import dev.narsil.gateway.narinfo.SecretKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyCommandTest {

    private static final String SECRET =
            "test-1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA==";
    private static final String PUBLIC = "test-1:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";

    @TempDir
    private Path folder;

    private Cli cli;

    @BeforeEach
    void makeCli() {
        cli = new Cli(folder);
    }

    @Test
    void generate_toStandardOutput_isAKeyThatSigns() {
        Result made = cli.run("key", "generate", "cache.example.org-1");
        assertThat(made.code()).isZero();
        SecretKey key = SecretKey.parse(made.out());
        assertThat(key.name()).isEqualTo("cache.example.org-1");
        assertThat(made.err()).isEqualTo("public key: " + key.publicKey() + "\n");
        byte[] message = "message".getBytes(StandardCharsets.US_ASCII);
        assertThat(PublicKey.parse(made.err().substring("public key: ".length()))
                        .verifies(message, key.sign(message)))
                .isTrue();
        assertThat(cli.run("key", "public").code()).isEqualTo(ExitCode.FAILED);
        assertThat(cli.run(made.out(), Terminal.NONE, "key", "public").out()).isEqualTo(key.publicKey() + "\n");
        assertThat(cli.run("key", "generate", "cache.example.org-1").out()).isNotEqualTo(made.out());
    }

    @Test
    void generate_toAFile_isItsOwnersAloneAndNeverOverwritten() throws IOException {
        Result made = cli.run("key", "generate", "k-1", "--out", "secret");
        assertThat(made.code()).isZero();
        assertThat(made.out()).isEmpty();
        Path file = folder.resolve("secret");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String first = Files.readString(file);
        assertThat(made.err()).doesNotContain(first.strip().substring("k-1:".length()));

        Result again = cli.run("key", "generate", "k-1", "--out", "secret");
        assertThat(again.code()).isEqualTo(ExitCode.FAILED);
        assertThat(again.err()).contains("is there already");
        assertThat(Files.readString(file)).isEqualTo(first);
        assertThat(cli.run("key", "public", "secret").out())
                .isEqualTo(SecretKey.parse(first).publicKey() + "\n");
    }

    @Test
    void generate_nameThatIsNone_isRefused() {
        for (String name : new String[] {"", "a b", "a:b", "ä"}) {
            Result refused = cli.run("key", "generate", name);
            assertThat(refused.code()).as(name).isEqualTo(ExitCode.USAGE);
            assertThat(refused.err()).contains("printable ASCII");
        }
    }

    @Test
    void public_ofTheVector_isTheVector() {
        assertThat(cli.run(SECRET + "\n", Terminal.NONE, "key", "public").out()).isEqualTo(PUBLIC + "\n");
    }

    @Test
    void public_damagedKey_isRefusedWithoutShowingIt() throws IOException {
        String damaged = SECRET.replace("AAEC", "AAED");
        Files.writeString(folder.resolve("damaged"), damaged);
        Result refused = cli.run("key", "public", "damaged");
        assertThat(refused.code()).isEqualTo(ExitCode.FAILED);
        assertThat(refused.err()).contains("damaged: ").doesNotContain(damaged.substring("test-1:".length()));
        assertThat(cli.run("key", "public", "missing").err()).contains("no such file");
    }
}
