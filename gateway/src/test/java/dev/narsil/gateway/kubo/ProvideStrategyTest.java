package dev.narsil.gateway.kubo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProvideStrategyTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "all", "flat", "pinned", "mfs", "pinned+mfs", "pinned+unique", "entities", "later"})
    void announcesBlocks_allOfThem_isTrue(String text) {
        assertThat(new ProvideStrategy(text).announcesBlocks()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"pinned+entities", "entities+mfs", "pinned+mfs+entities", "roots"})
    void announcesBlocks_rootsOnly_isFalse(String text) {
        assertThat(new ProvideStrategy(text).announcesBlocks()).isFalse();
    }

    @Test
    void of_notConfigured_isWhatKuboDoesThen() {
        assertThat(ProvideStrategy.of(Optional.empty()).announcesBlocks()).isTrue();
        assertThat(ProvideStrategy.of(Optional.of("pinned+entities"))).isEqualTo(ProvideStrategy.ROOTS_OF_FILES);
        assertThat(ProvideStrategy.ROOTS_OF_FILES.announcesBlocks()).isFalse();
    }
}
