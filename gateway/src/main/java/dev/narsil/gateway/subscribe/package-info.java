/**
 * Subscriptions: closures that a server brings into its store by itself, again and again, as what they are of changes.
 *
 * <p>{@link dev.narsil.gateway.subscribe.Subscriptions} holds them; {@link
 * dev.narsil.gateway.subscribe.SubscriptionSchedule} runs those that are due, one at a time. A run walks the closures
 * first, so that one that is too large costs no NAR, and then brings what the store lacks. What came stays: the next run
 * goes on where one was stopped, or the process killed.
 *
 * <h2>Format, version 1</h2>
 *
 * <p>In table {@code SUBSCRIPTION} the key is {@code 'Q'} and the name. The value is a record of {@link
 * dev.narsil.blockstore.codec}:
 *
 * <pre>
 *   subscription  kind 'Q'
 *     string      name: 1 to 64 characters of A-Z a-z 0-9 . _ -
 *     string      what it is of: the base name of a store path; an http or https URL of a list of paths;
 *                 ipns://NAME of such a list
 *     varint      time between runs, in seconds; at least 1
 *     varint      minute of the day from which it may run, plus 1; 0 = at any time
 *     varint      minute of the day at which it may not any more; only if the one before is not 0, and not the same
 *     varint      most bytes of NAR
 *     varint      when it was made, in seconds since 1970-01-01T00:00:00Z
 *     u8          how its last run went: 0 = there was none, 1 = it has not ended, 2 = complete, 3 = some paths cannot be
 *                 had, 4 = stopped, 5 = too large, 6 = failed
 *     varint      when that began, likewise; 0 = there was none
 *     varint      when that ended, likewise; 0 = it has not
 *     varint      when the next one is due, likewise
 *     varint      runs in a row that were neither complete nor stopped
 *     varint      number of paths
 *     varint      those that cannot be had
 *     varint      bytes of NAR of all
 *     varint      number of paths that the run brought
 *     varint      bytes of their NARs
 *     string      what tells the state of the list the run took, as its server names it; empty for nothing
 *     string      what was wrong; empty for nothing; at most 1000 characters
 * </pre>
 *
 * <h2>History</h2>
 *
 * <p>Version 1: first.
 */
@NullMarked
package dev.narsil.gateway.subscribe;

import org.jspecify.annotations.NullMarked;
