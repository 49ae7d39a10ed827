package dev.narsil.gateway.upload;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.narsil.blockstore.codec.FormatException;

class StoredObjectFuzzTest {

    @FuzzTest
    void decode_anyBytes_isRefusedOrGivesWhatItSays(byte[] record) {
        try {
            StoredObject object = StoredObject.decode(record);
            assertThat(object.encode()).isEqualTo(record);
            int length = 0;
            for (int i = 0; i < object.frames().size(); i++) {
                length += object.frame(i).length;
            }
            assertThat(length).isEqualTo(object.length());
        } catch (FormatException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
