/** Exact decimals: figures arrive as decimal strings and are never turned into floats to be shown. */

function parse(text) {
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  return { units: BigInt(sign + whole + fraction), scale: fraction.length };
}

function format(units, scale) {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  return (units < 0n ? "-" : "") + whole + (scale ? "." + digits.slice(-scale) : "");
}

/** Return `text` with the decimal point moved `places` to the right: "0.85", 2 -> "85". */
export function shift(text, places) {
  const { units, scale } = parse(text);
  return scale >= places ? trim(format(units, scale - places)) : format(units * 10n ** BigInt(places - scale), 0);
}

/** Return a - b, exact. */
export function subtract(a, b) {
  const left = parse(a);
  const right = parse(b);
  const scale = Math.max(left.scale, right.scale);
  return format(
    left.units * 10n ** BigInt(scale - left.scale) - right.units * 10n ** BigInt(scale - right.scale),
    scale,
  );
}

/** Return `text` rounded once to `places` decimals, half to even (GB/T 8170-2008). */
export function round(text, places) {
  const { units, scale } = parse(text);
  if (scale <= places) return format(units * 10n ** BigInt(places - scale), places);
  const step = 10n ** BigInt(scale - places);
  const magnitude = units < 0n ? -units : units;
  const rest = magnitude % step;
  let quotient = magnitude / step;
  if (rest * 2n > step || (rest * 2n === step && quotient % 2n === 1n)) quotient += 1n;
  return format(units < 0n ? -quotient : quotient, places);
}

/** Return `text` without zeros that say nothing: "85.00" -> "85". */
export function trim(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** Return `text` with a sign always and a real minus: "-0.91" -> "−0.91", "1.2" -> "+1.2". */
export function signed(text) {
  if (/^-?0(\.0+)?$/.test(text)) return text.replace("-", "");
  return text.startsWith("-") ? "−" + text.slice(1) : "+" + text;
}

/** Return a whole number or decimal string with its thousands grouped. */
export function grouped(value) {
  const [whole, fraction] = String(value).split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (fraction ? "." + fraction : "");
}
