package dev.narsil.gateway.access;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What a token lets its bearer do. None of them implies another. */
public enum Permission {
    /** Read everything the cache serves, and its metrics. */
    READ(1),
    /** Upload. */
    WRITE(2),
    /** Change how the cache works. */
    ADMIN(4),
    /** Have something kept in IPFS by this server's pinning service. */
    PIN(8);

    private static final int ALL_BITS = 15;

    private final int bit;

    Permission(int bit) {
        this.bit = bit;
    }

    /**
     * Returns the permission with this name, such as {@code read}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Permission of(String name) {
        for (Permission permission : values()) {
            if (permission.toString().equals(name)) {
                return permission;
            }
        }
        throw new IllegalArgumentException("'" + name + "' is not a permission: read, write, admin or pin");
    }

    /** Returns the names, separated by commas. */
    public static String list(Set<Permission> permissions) {
        return permissions.stream().sorted().map(Permission::toString).collect(Collectors.joining(","));
    }

    /** Returns the bits of the stored form. */
    static int bits(Set<Permission> permissions) {
        return permissions.stream().mapToInt(permission -> permission.bit).sum();
    }

    /** Returns the permissions with these bits; throws IllegalArgumentException if there are none, or others. */
    static Set<Permission> ofBits(int bits) {
        if (bits == 0 || bits > ALL_BITS) {
            throw new IllegalArgumentException("permissions " + bits);
        }
        Set<Permission> permissions = EnumSet.noneOf(Permission.class);
        for (Permission permission : values()) {
            if ((bits & permission.bit) != 0) {
                permissions.add(permission);
            }
        }
        return permissions;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
