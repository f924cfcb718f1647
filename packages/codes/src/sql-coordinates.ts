/**
 * Coordinates in SQL (DuckDB): the shift of GCJ-02 and its inverse as expressions, the same formulas as coordinates.ts. Degrees in,
 * degrees out; outside the rectangle where map services shift (72.004 … 137.8347 E, 0.8293 … 55.8271 N) the formulas mean nothing.
 */

const wave = (x: string): string => `(20 * sin(6 * ${x} * pi()) + 20 * sin(2 * ${x} * pi())) * (2.0 / 3)`;

/** SQL of `{'x': …, 'y': …}`: how far GCJ-02 lies from the WGS 84 point whose SQL is `x`, `y` (columns or short expressions: they are repeated). */
export function sqlGcj02Shift(x: string, y: string): string {
  const [a, b] = [`(${x} - 105)`, `(${y} - 35)`];
  const north = `(-100 + 2 * ${a} + 3 * ${b} + 0.2 * ${b} * ${b} + 0.1 * ${a} * ${b} + 0.2 * sqrt(abs(${a})) + ${wave(a)}
    + (20 * sin(${b} * pi()) + 40 * sin(${b} / 3 * pi())) * (2.0 / 3) + (160 * sin(${b} / 12 * pi()) + 320 * sin(${b} * pi() / 30)) * (2.0 / 3))`;
  const east = `(300 + ${a} + 2 * ${b} + 0.1 * ${a} * ${a} + 0.1 * ${a} * ${b} + 0.1 * sqrt(abs(${a})) + ${wave(a)}
    + (20 * sin(${a} * pi()) + 40 * sin(${a} / 3 * pi())) * (2.0 / 3) + (150 * sin(${a} / 12 * pi()) + 300 * sin(${a} / 30 * pi())) * (2.0 / 3))`;
  const magic = `(1 - 0.006693421622965943 * sin(radians(${y})) * sin(radians(${y})))`;
  return `{'x': ${east} / (6378245.0 / sqrt(${magic}) * cos(radians(${y})) * radians(1)),
    'y': ${north} / (6378245.0 * (1 - 0.006693421622965943) / (${magic} * sqrt(${magic})) * radians(1))}`;
}

/** SQL of the GCJ-02 point `{'x', 'y'}` of a WGS 84 (or CGCS2000) point given as such a struct. */
export function sqlWgs84ToGcj02(point: string): string {
  return `list_transform([${point}], lambda g_from: list_transform([${sqlGcj02Shift('g_from.x', 'g_from.y')}], lambda g_by: {'x': g_from.x + g_by.x, 'y': g_from.y + g_by.y})[1])[1]`;
}

/** SQL of the WGS 84 point `{'x', 'y'}` of a GCJ-02 point given as such a struct of DOUBLEs: four rounds, exact to 1e-9 degree. */
export function sqlGcj02ToWgs84(point: string): string {
  return `list_transform([${point}], lambda g_aim: list_reduce([g_aim, g_aim, g_aim, g_aim, g_aim], lambda g_at, g_to:
    list_transform([${sqlGcj02Shift('g_at.x', 'g_at.y')}], lambda g_by: {'x': g_to.x - g_by.x, 'y': g_to.y - g_by.y})[1]))[1]`;
}
