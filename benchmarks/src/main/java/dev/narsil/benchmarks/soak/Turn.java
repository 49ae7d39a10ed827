package dev.narsil.benchmarks.soak;

import java.util.List;
import java.util.SplittableRandom;

/**
 * One operation of one worker: its luck and its connection.
 *
 * @param random what it decides by
 * @param client its connection
 * @param tally what it did
 */
record Turn(Scene scene, SplittableRandom random, CacheClient client, Tally tally) {

    Answer get(String target, String... fields) {
        return counted(client.request("GET", target, List.of(fields)));
    }

    Answer head(String target, String... fields) {
        return counted(client.request("HEAD", target, List.of(fields)));
    }

    /** Asks, and leaves after so many bytes. */
    Answer leave(String target, long after) {
        return counted(client.partial("GET", target, List.of(), after));
    }

    /** Uploads with the token that may. */
    Answer put(String target, CacheClient.Upload upload, String... fields) {
        List<String> all = new java.util.ArrayList<>(scene.writing(random));
        all.addAll(List.of(fields));
        return putAs(target, upload, all);
    }

    /** Uploads with these fields, no token added. */
    Answer putAs(String target, CacheClient.Upload upload, List<String> fields) {
        Answer answer = client.put(target, fields, upload);
        tally.sent(answer.left() ? upload.cutAfter() : upload.body().length);
        return counted(answer);
    }

    private Answer counted(Answer answer) {
        tally.answer(answer.status(), answer.body().length);
        return answer;
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }
}
