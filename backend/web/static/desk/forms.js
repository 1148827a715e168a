/** A form as rows to read, remark on or correct: what a field is called, its unit, its kind, its value. Pure. */

const HEAD = new Set(["indicator", "level", "period", "farm_id", "township_code", "attachments", "geometry"]);

const escape = (token) => token.replaceAll("~", "~0").replaceAll("/", "~1");

function resolved(schema, root) {
  const found = schema.anyOf?.find((each) => each.type !== "null") ?? schema;
  const name = found.$ref?.split("/").at(-1);
  return name ? { ...root.$defs[name], ...found } : found;
}

/** Return [name, property] of an object's fields as the form asks them. */
const inOrder = (schema) => (schema["x-order"] ?? Object.keys(schema.properties)).map((name) => [name, schema.properties[name]]);

function kindOf(schema, names) {
  if (names) return "choice";
  if (schema.type === "boolean" || schema.type === "integer") return schema.type;
  return schema.pattern ? "number" : "text";
}

function rowOf(pointer, group, property, value, root) {
  const schema = resolved(property, root);
  const label = property["x-label"] ?? { zh: pointer, en: pointer };
  return {
    pointer,
    group,
    label,
    hint: property["x-hint"] ?? null,
    unit: property["x-unit"] ?? null,
    names: property["x-names"] ?? null,
    kind: kindOf(schema, property["x-names"]),
    value: value ?? null,
  };
}

function grouped(name, property, value, root, all) {
  const inner = resolved(resolved(property, root).additionalProperties, root);
  const label = property["x-label"];
  const known = resolved(property.propertyNames ?? {}, root).enum ?? [];
  const place = ([code]) => known.indexOf(code);
  const entries = Object.entries(value ?? {}).sort((a, b) => place(a) - place(b));
  return entries.flatMap(([code, answers]) => {
    const called = property["x-names"]?.[code] ?? { zh: code, en: code };
    const group = { zh: `${label.zh} · ${called.zh}`, en: `${label.en}: ${called.en}` };
    return inOrder(inner)
      .filter(([key]) => all || (answers[key] ?? null) !== null)
      .map(([key, below]) => rowOf(`/${escape(name)}/${escape(code)}/${escape(key)}`, group, below, answers[key], root));
  });
}

/**
 * Return the rows {pointer, group, label, hint, unit, names, kind, value} of a payload in the order of its form.
 *
 * @param form the published JSON Schema
 * @param all whether unanswered fields are rows too
 */
export function rowsOf(form, payload, all = false) {
  const rows = [];
  for (const [name, property] of inOrder(form)) {
    if (HEAD.has(name)) continue;
    const value = payload[name];
    const schema = resolved(property, form);
    if (schema.type === "object" && schema.additionalProperties) rows.push(...grouped(name, property, value, form, all));
    else if (schema.type === "array" || schema.type === "object") continue;
    else if (all || (value ?? null) !== null) rows.push(rowOf(`/${escape(name)}`, null, property, value, form));
  }
  return rows.filter((row) => all || row.kind !== "boolean" || row.value);
}

/** Return what was typed as the form has it; null for nothing. */
export function valueOf(row, typed) {
  const text = typed.trim();
  if (row.kind === "boolean") return text === "true";
  if (text === "") return null;
  return row.kind === "integer" && /^\d+$/.test(text) ? Number(text) : text;
}
