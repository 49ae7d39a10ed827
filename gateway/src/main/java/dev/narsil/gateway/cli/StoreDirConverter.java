package dev.narsil.gateway.cli;

import dev.narsil.rewrite.path.StoreDir;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Lets picocli read a store directory. */
final class StoreDirConverter implements ITypeConverter<StoreDir> {
    @Override
    public StoreDir convert(String text) {
        try {
            return new StoreDir(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
