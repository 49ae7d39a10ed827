package dev.narsil.benchmarks.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** A bounded collection to pick from at random; once it is full, what is added takes the place of another. */
final class Pool<T> {

    private final int bound;
    private final List<T> items = new ArrayList<>();

    Pool(int bound) {
        this.bound = bound;
    }

    synchronized void add(T item, SplittableRandom random) {
        if (items.size() < bound) {
            items.add(item);
        } else {
            items.set(random.nextInt(bound), item);
        }
    }

    synchronized Optional<T> pick(SplittableRandom random) {
        return items.isEmpty() ? Optional.empty() : Optional.of(items.get(random.nextInt(items.size())));
    }
}
