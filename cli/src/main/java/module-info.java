/** The command {@code carousel}: parse, call core, print, exit code. */
module dev.carousel.cli {
  requires dev.carousel;
  requires info.picocli;
  requires me.tongfei.progressbar;
  requires static org.jspecify;
  requires tools.jackson.core;

  opens dev.carousel.cli to
      info.picocli;
}
