package dev.narsil.gateway.upstream;

import org.jspecify.annotations.Nullable;

/**
 * How an upstream does.
 *
 * @param url without credentials
 * @param priority lower is asked first
 * @param breaker {@code closed}, {@code open} or {@code half-open}: requests go to it only while closed
 * @param p95Millis the time within which 95 of 100 of its latest narinfo answers came, or -1 while there are too few
 * @param asked narinfos it was asked for
 * @param hits of these, those it had
 * @param misses of these, those it did not have
 * @param failures of these, those it gave no answer for
 * @param lies of these, those that no trusted key had signed or that were of another path
 * @param cancelled of these, those that another upstream answered first
 * @param hedged of these, those it was asked for because another one was slow
 * @param narFailures NAR files that it did not give or that broke off
 * @param lastError what last went wrong, or null
 */
public record UpstreamState(
        String url,
        int priority,
        String breaker,
        long p95Millis,
        long asked,
        long hits,
        long misses,
        long failures,
        long lies,
        long cancelled,
        long hedged,
        long narFailures,
        @Nullable String lastError) {}
