package dev.carousel.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * An object of a JSON document, read strictly: a field that is missing, of another type or left
 * over is a {@link ModelFormatException} naming the document and the path.
 */
final class JsonObject {
  private final String source;
  private final String path;
  private final Map<String, Object> fields;
  private final Set<String> unread;

  private JsonObject(String source, String path, Map<String, Object> fields) {
    this.source = source;
    this.path = path;
    this.fields = fields;
    this.unread = new LinkedHashSet<>(fields.keySet());
  }

  /** The value as an object; the path is where it stands in the document, empty for the root. */
  static JsonObject of(String source, String path, Object value) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (!(value instanceof Map<?, ?> map)) {
      throw wrong(source, path.isEmpty() ? "the document" : path, "an object", value);
    }
    map.forEach((name, field) -> fields.put((String) name, field));
    return new JsonObject(source, path, fields);
  }

  boolean has(String name) {
    return fields.containsKey(name);
  }

  String text(String name) {
    Object value = field(name, "a string");
    if (value instanceof String text) {
      return text;
    }
    throw wrong(source, at(name), "a string", value);
  }

  boolean flag(String name) {
    Object value = field(name, "true or false");
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw wrong(source, at(name), "true or false", value);
  }

  int integer(String name) {
    long value = longInteger(name);
    if (value != (int) value) {
      throw error(name, "a whole number of 32 bits", Long.toString(value));
    }
    return (int) value;
  }

  long longInteger(String name) {
    Object value = field(name, "a whole number");
    return longInteger(at(name), value);
  }

  private long longInteger(String where, Object value) {
    if (value instanceof Json.Numeral number && number.integral()) {
      try {
        return Long.parseLong(number.text());
      } catch (NumberFormatException e) {
        throw wrong(source, where, "a whole number of 64 bits", value);
      }
    }
    throw wrong(source, where, "a whole number", value);
  }

  /** Whole numbers of 64 bits. */
  long[] longIntegers(String name) {
    List<?> values = list(name);
    long[] numbers = new long[values.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = longInteger(at(name) + "[" + i + "]", values.get(i));
    }
    return numbers;
  }

  float number(String name) {
    return number(at(name), field(name, "a number"));
  }

  private float number(String where, Object value) {
    if (value instanceof Json.Numeral number) {
      float parsed = Float.parseFloat(number.text());
      if (Float.isFinite(parsed)) {
        return parsed;
      }
    }
    throw wrong(source, where, "a number within the range of 32 bits", value);
  }

  float[] numbers(String name) {
    List<?> values = list(name);
    float[] numbers = new float[values.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = number(at(name) + "[" + i + "]", values.get(i));
    }
    return numbers;
  }

  double doubleNumber(String name) {
    Object value = field(name, "a number");
    if (value instanceof Json.Numeral number) {
      double parsed = Double.parseDouble(number.text());
      if (Double.isFinite(parsed)) {
        return parsed;
      }
    }
    throw wrong(source, at(name), "a number within the range of 64 bits", value);
  }

  /** One of an enum's constants, written in small letters. */
  <E extends Enum<E>> E choice(String name, Class<E> type) {
    String text = text(name);
    List<String> known = new ArrayList<>();
    for (E constant : type.getEnumConstants()) {
      known.add(choice(constant));
      if (choice(constant).equals(text)) {
        return constant;
      }
    }
    throw error(name, "one of " + String.join(", ", known), "\"" + text + "\"");
  }

  /** How {@link #choice(String, Class)} expects a constant. */
  static String choice(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  JsonObject object(String name) {
    return of(source, at(name), field(name, "an object"));
  }

  List<JsonObject> objects(String name) {
    List<?> values = list(name);
    List<JsonObject> objects = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      objects.add(of(source, at(name) + "[" + i + "]", values.get(i)));
    }
    return objects;
  }

  /** An object whose fields are all strings. */
  Map<String, String> texts(String name) {
    JsonObject object = object(name);
    Map<String, String> texts = new LinkedHashMap<>();
    object.fields.keySet().forEach(key -> texts.put(key, object.text(key)));
    return texts;
  }

  /** The names of all fields. */
  Set<String> names() {
    return fields.keySet();
  }

  /**
   * Ends the reading of this object.
   *
   * @throws ModelFormatException if a field was not asked for
   */
  void end() {
    if (!unread.isEmpty()) {
      String name = unread.iterator().next();
      throw new ModelFormatException(
          source + ": " + at(name) + ": expected no field of that name, got one");
    }
  }

  /** An error about one field. */
  ModelFormatException error(String name, String expected, String got) {
    return new ModelFormatException(
        source + ": " + at(name) + ": expected " + expected + ", got " + got);
  }

  private List<?> list(String name) {
    Object value = field(name, "an array");
    if (value instanceof List<?> list) {
      return list;
    }
    throw wrong(source, at(name), "an array", value);
  }

  private Object field(String name, String expected) {
    Object value = fields.get(name);
    if (value == null) {
      throw error(name, expected, "no such field");
    }
    unread.remove(name);
    return value;
  }

  private String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  static ModelFormatException wrong(String source, String where, String expected, Object value) {
    return new ModelFormatException(
        source + ": " + where + ": expected " + expected + ", got " + describe(value));
  }

  private static String describe(Object value) {
    if (value instanceof String text) {
      return "\"" + (text.length() > 40 ? text.substring(0, 40) + "..." : text) + "\"";
    }
    if (value instanceof Json.Numeral number) {
      return number.text();
    }
    if (value instanceof Boolean flag) {
      return flag.toString();
    }
    return value instanceof Map ? "an object" : value instanceof List ? "an array" : "null";
  }
}
