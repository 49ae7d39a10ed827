package dev.narsil.benchmarks;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a benchmark is for, in one line, and the MB/s it should reach. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Purpose {
    /** The line. */
    String value();

    /** MB/s one core should reach; 0 where there is no target. */
    int target() default 0;
}
