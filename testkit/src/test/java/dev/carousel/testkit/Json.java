package dev.carousel.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON value, read whole: a map, a list, a string, a double or a boolean; members that are null
 * are left out.
 */
public record Json(Object value) {

  public static Json read(Path file) {
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), file)) {
      parser.nextToken();
      return read(parser);
    }
  }

  private static Json read(JsonParser parser) {
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        Map<String, Json> members = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          if (parser.nextToken() != JsonToken.VALUE_NULL) {
            members.put(name, read(parser));
          }
        }
        yield new Json(members);
      }
      case START_ARRAY -> {
        List<Json> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          elements.add(read(parser));
        }
        yield new Json(elements);
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Json(parser.getDoubleValue());
      case VALUE_TRUE -> new Json(true);
      case VALUE_FALSE -> new Json(false);
      default -> new Json(parser.getString());
    };
  }

  public boolean has(String name) {
    return ((Map<?, ?>) value).containsKey(name);
  }

  public Json get(String name) {
    if (!has(name)) {
      throw new IllegalArgumentException(
          "member: expected one of " + ((Map<?, ?>) value).keySet() + ", got " + name);
    }
    return (Json) ((Map<?, ?>) value).get(name);
  }

  public List<Json> elements() {
    List<Json> elements = new ArrayList<>();
    for (Object element : (List<?>) value) {
      elements.add((Json) element);
    }
    return elements;
  }

  public String text() {
    return (String) value;
  }

  public double number() {
    return (Double) value;
  }

  public double number(String name, double otherwise) {
    return has(name) ? get(name).number() : otherwise;
  }

  public boolean flag() {
    return (Boolean) value;
  }

  public boolean flag(String name, boolean otherwise) {
    return has(name) ? get(name).flag() : otherwise;
  }

  public double[] vector() {
    return elements().stream().mapToDouble(Json::number).toArray();
  }

  public double[][] matrix() {
    return elements().stream().map(Json::vector).toArray(double[][]::new);
  }

  public double[][][] cube() {
    return elements().stream().map(Json::matrix).toArray(double[][][]::new);
  }
}
