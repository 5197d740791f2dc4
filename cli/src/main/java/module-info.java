/** The command {@code carousel}: parse, call core, print, exit code. */
@SuppressWarnings("requires-automatic") // XChart carries no module descriptor
module dev.carousel.cli {
  requires dev.carousel;
  requires info.picocli;
  requires java.desktop; // XChart draws with it and cannot ask for it
  requires me.tongfei.progressbar;
  requires static org.jspecify;
  requires tools.jackson.core;
  requires xchart;

  opens dev.carousel.cli to
      info.picocli;
}
