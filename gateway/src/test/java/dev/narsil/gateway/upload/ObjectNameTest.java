package dev.narsil.gateway.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObjectNameTest {

    private static final String DIGEST = "9n4c3zysg0zr27gw3a8kfp6xfa8zk6gz";
    private static final String HEX = "c9a99db148d40853af1fd00ca1cf30d35b11bd84a332443156d67df29074ba88";

    @ParameterizedTest
    @CsvSource({
        "LOG, DIGEST-demo.drv, log/DIGEST-demo.drv",
        "LOG, DIGEST-a+b=c?d.drv, log/DIGEST-a+b=c?d.drv",
        "LOG, DIGEST-a%2bb%3dc%3Fd.drv, log/DIGEST-a+b=c?d.drv",
        "LOG, DIGEST%2Ddemo.drv, log/DIGEST-demo.drv",
        "LISTING, DIGEST, DIGEST.ls",
        "REALISATION, sha256:HEX!out.doi, realisations/sha256:HEX!out.doi",
        "REALISATION, sha256%3aHEX%21out.doi, realisations/sha256:HEX!out.doi",
        "BUILD_TRACE, DIGEST-demo.drv/out.doi, build-trace-v2/DIGEST-demo.drv/out.doi",
        "DEBUG_INFO, 0123456789abcdef0123456789abcdef01234567.debug,"
                + " debuginfo/0123456789abcdef0123456789abcdef01234567.debug",
    })
    void parse_nameOfItsKind_isThePath(ObjectKind kind, String name, String path) {
        assertThat(ObjectName.parse(kind, filled(name))).isEqualTo(new ObjectName(kind, filled(path)));
    }

    @ParameterizedTest
    @CsvSource({
        "LOG, ''",
        "LOG, .",
        "LOG, ..",
        "LOG, %2e%2e",
        "LOG, ../nix-cache-info",
        "LOG, DIGEST-demo",
        "LOG, DIGEST-demo.drv/",
        "LOG, DIGEST-de%2fmo.drv",
        "LOG, DIGEST-demo.drv%00",
        "LOG, DIGEST-de%mo.drv",
        "LOG, DIGEST-demo.drv%2",
        "LOG, DIGEST-démo.drv",
        "LOG, DIGEST-d%c3%a9mo.drv",
        "LOG, DIGEST-.drv/../../x.drv",
        "LOG, DIGEST-demo.drv.bz2",
        "LISTING, ''",
        "LISTING, eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
        "LISTING, DIGEST-demo",
        "REALISATION, sha256:HEX!out",
        "REALISATION, sha256:HEX!.doi",
        "REALISATION, sha256:HEX!../x.doi",
        "REALISATION, sha256:HEX!%2e%2e%2fx.doi",
        "REALISATION, sha512:HEX!out.doi",
        "REALISATION, HEX!out.doi",
        "BUILD_TRACE, DIGEST-demo.drv",
        "BUILD_TRACE, DIGEST-demo.drv/out",
        "BUILD_TRACE, DIGEST-demo/out.doi",
        "BUILD_TRACE, DIGEST-demo.drv//out.doi",
        "BUILD_TRACE, DIGEST-demo.drv/../out.doi",
        "BUILD_TRACE, DIGEST-demo.drv%2fout.doi",
        "DEBUG_INFO, 0123456789abcdef0123456789abcdef0123456.debug",
        "DEBUG_INFO, 0123456789ABCDEF0123456789abcdef01234567.debug",
        "DEBUG_INFO, 0123456789abcdef0123456789abcdef01234567",
    })
    void parse_anythingElse_isRefused(ObjectKind kind, String name) {
        assertThatThrownBy(() -> ObjectName.parse(kind, filled(name)))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .isNotBlank();
    }

    @Test
    void parse_nameTooLong_isRefused() {
        String longest = DIGEST + "-" + "a".repeat(207) + ".drv";
        assertThat(ObjectName.parse(ObjectKind.LOG, longest).path()).isEqualTo("log/" + longest);
        assertThatThrownBy(() -> ObjectName.parse(ObjectKind.LOG, DIGEST + "-" + "a".repeat(208) + ".drv"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ObjectName.parse(ObjectKind.LOG, "%41".repeat(ObjectName.MAX_LENGTH)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than");
    }

    private static String filled(String text) {
        return text.replace("DIGEST", DIGEST).replace("HEX", HEX);
    }
}
