package dev.narsil.gateway.cli;

import dev.narsil.gateway.ipfs.index.IndexSource;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Lets picocli read where an index is. */
final class IndexSourceConverter implements ITypeConverter<IndexSource> {
    @Override
    public IndexSource convert(String text) {
        try {
            return IndexSource.parse(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
