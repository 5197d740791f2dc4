package dev.carousel.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The defaults of one command, by the long name of the option: all of them in one place. */
abstract class Defaults implements IDefaultValueProvider {
  private final Map<String, String> values;

  Defaults(Map<String, String> values) {
    this.values = Map.copyOf(values);
  }

  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    return argument instanceof OptionSpec option ? values.get(option.longestName()) : null;
  }
}
