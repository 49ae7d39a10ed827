package dev.narsil.gateway.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine;

/** The version of this program and the commit it was built from, as the build wrote them down. */
final class Version implements CommandLine.IVersionProvider {

    private static final String RESOURCE = "version.properties";

    /** Returns the one line that {@code --version} prints. */
    static String line() {
        Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("the program lacks its resource " + RESOURCE);
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the resource " + RESOURCE, e);
        }
        return "narsil " + properties.getProperty("version", "unknown") + " (commit "
                + properties.getProperty("commit", "unknown") + ")";
    }

    @Override
    public String[] getVersion() {
        return new String[] {line()};
    }
}
