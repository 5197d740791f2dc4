package dev.carousel.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** The best scores of a distribution, best first; equal ones by class. */
record Ranking(List<Candidate> candidates) {

  /** One class. */
  record Candidate(int id, float probability) {}

  /** The best {@code count} of the scores, or all if there are fewer. */
  static Ranking of(float[] scores, int count) {
    List<Candidate> candidates = new ArrayList<>();
    for (int id = 0; id < scores.length; id++) {
      candidates.add(new Candidate(id, scores[id]));
    }
    candidates.sort((a, b) -> Float.compare(b.probability(), a.probability()));
    return new Ranking(List.copyOf(candidates.subList(0, Math.min(count, scores.length))));
  }

  Candidate best() {
    return candidates.get(0);
  }

  /** For people: {@code Japanese 0.9812}, separated by tabs. */
  String line(IntFunction<String> names) {
    StringBuilder text = new StringBuilder();
    for (Candidate candidate : candidates) {
      text.append(text.isEmpty() ? "" : "\t").append(names.apply(candidate.id()));
      text.append(' ').append(Figures.share(candidate.probability()));
    }
    return text.toString();
  }

  /** For programs: an object with a name and a probability for each candidate. */
  List<Map<String, Object>> json(String key, IntFunction<String> names) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Candidate candidate : candidates) {
      Map<String, Object> object = new LinkedHashMap<>();
      object.put(key, names.apply(candidate.id()));
      object.put("probability", candidate.probability());
      list.add(object);
    }
    return list;
  }
}
