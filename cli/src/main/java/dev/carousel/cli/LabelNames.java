package dev.carousel.cli;

import dev.carousel.data.Labels;
import dev.carousel.data.LanguageNames;
import dev.carousel.model.Model;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** The names of a model's classes as they are shown. */
final class LabelNames {
  private final Labels labels;
  private final boolean languages;

  private LabelNames(Labels labels, boolean languages) {
    this.labels = labels;
    this.languages = languages;
  }

  /** Of a model that has labels. */
  static LabelNames of(Model model) {
    return new LabelNames(
        Objects.requireNonNull(model.encoding().labels()), Tasks.knowsLanguages(model));
  }

  /** The label; the code of a language with its name in front. */
  String shown(int id) {
    String label = Figures.oneLine(labels.name(id));
    return languages ? LanguageNames.displayName(label) + " (" + label + ")" : label;
  }

  /** The best label, its probability, and all that were ranked. */
  Map<String, Object> json(Ranking ranking) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("label", labels.name(ranking.best().id()));
    if (languages) {
      json.put("name", LanguageNames.displayName(labels.name(ranking.best().id())));
    }
    json.put("probability", ranking.best().probability());
    json.put("top", ranking.json("label", labels::name));
    return json;
  }
}
