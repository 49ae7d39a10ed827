package dev.narsil.gateway.donate;

import dev.narsil.gateway.narinfo.TrustedKeys;

/**
 * What donations of a store may be.
 *
 * @param publicKeys whose signatures make a path public
 * @param maxBytes most bytes of NAR of all donations together; a path in several of them counts once
 */
public record DonationPolicy(TrustedKeys publicKeys, long maxBytes) {}
