package dev.narsil;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** Which packages may know which. */
class ArchitectureTest {

    private static final String OURS = "dev.narsil..";
    private static final String CHUNKER = "dev.narsil.chunker..";
    private static final String REWRITE = "dev.narsil.rewrite..";
    private static final String BLOCKSTORE = "dev.narsil.blockstore..";
    private static final String BLOCKSTORE_ROOT = "dev.narsil.blockstore";
    private static final String CODEC = "dev.narsil.blockstore.codec..";
    private static final String PACK = "dev.narsil.blockstore.pack..";
    private static final String IPFS_ROOT = "dev.narsil.blockstore.ipfs";
    private static final String IPFS_ENCODINGS = "dev.narsil.blockstore.ipfs.*..";
    private static final String JAVA = "java..";
    private static final String JSPECIFY = "org.jspecify.annotations..";

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            // the fixtures that modules share are a jar of tests when all is packaged
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("dev.narsil");

    @Test
    void classes_allModules_areLookedAt() {
        for (String module : new String[] {CHUNKER, REWRITE, BLOCKSTORE, "dev.narsil.gateway.."}) {
            assertThat(CLASSES.that(JavaClass.Predicates.resideInAPackage(module)))
                    .as(module)
                    .isNotEmpty();
        }
    }

    @Test
    void chunkerAndRewrite_dependOnNothing() {
        only(CHUNKER, CHUNKER, JAVA, JSPECIFY);
        only(REWRITE, REWRITE, JAVA, JSPECIFY);
    }

    @Test
    void blockstore_dependsOnChunkerAndRewriteOnly() {
        check(noClasses()
                .that()
                .resideInAPackage(BLOCKSTORE)
                .should()
                .dependOnClassesThat(oursOutside(BLOCKSTORE, CHUNKER, REWRITE)));
    }

    @Test
    void blockstorePackages_dependInOneDirection() {
        check(noClasses().that().resideInAPackage(CODEC).should().dependOnClassesThat(oursOutside(CODEC, REWRITE)));
        check(noClasses()
                .that()
                .resideInAPackage(PACK)
                .should()
                .dependOnClassesThat(oursOutside(PACK, CODEC, REWRITE)));
        check(noClasses()
                .that()
                .resideInAPackage(BLOCKSTORE_ROOT)
                .should()
                .dependOnClassesThat(oursOutside(BLOCKSTORE_ROOT, PACK, CODEC, CHUNKER, REWRITE)));
        check(noClasses()
                .that()
                .resideInAPackage(IPFS_ENCODINGS)
                .should()
                .dependOnClassesThat(oursOutside(IPFS_ENCODINGS, CODEC, REWRITE)));
        check(noClasses()
                .that()
                .resideInAPackage(IPFS_ROOT)
                .should()
                .dependOnClassesThat(oursOutside(IPFS_ROOT, IPFS_ENCODINGS, BLOCKSTORE_ROOT, CODEC, REWRITE)));
    }

    @Test
    void rocksdb_isKnownToItsPackageOnly_andToTheDoctorWhichLoadsIt() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("dev.narsil.blockstore.rocksdb..")
                .and()
                .haveSimpleNameNotEndingWith("MachineChecks")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.rocksdb.."));
    }

    @Test
    void gateway_doesNotKnowBenchmarks() {
        check(noClasses()
                .that()
                .resideInAPackage("dev.narsil.gateway..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.narsil.benchmarks.."));
    }

    @Test
    void packages_haveNoCycles() {
        check(slices().matching("dev.narsil.gateway.(*)..").should().beFreeOfCycles());
        check(slices().matching("dev.narsil.rewrite.(*)..").should().beFreeOfCycles());
        check(slices().matching("dev.narsil.blockstore.ipfs.(*)..").should().beFreeOfCycles());
        check(slices().matching("dev.narsil.(*)..").should().beFreeOfCycles());
    }

    private static void only(String module, String... allowed) {
        check(classes()
                .that()
                .resideInAPackage(module)
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(allowed));
    }

    private static DescribedPredicate<JavaClass> oursOutside(String... allowed) {
        return JavaClass.Predicates.resideInAPackage(OURS)
                .and(DescribedPredicate.not(JavaClass.Predicates.resideInAnyPackage(allowed)));
    }

    private static void check(ArchRule rule) {
        rule.check(CLASSES);
    }
}
