/**
 * Reads batches in every form that is understood:
 * - JSON, a list of readings: `[{"entity": "urn:…", "property": "pm25", "at": "2026-…Z", "value": 35, "unit": "ug/m3"}]`
 * - JSON in columns: `{"series": [17, "urn:…#pm25"], "at": [1774000000000, …], "value": [35, …], "unit": "GQ"}`; with `"exercise": true`, or a list of 0 and 1,
 *   what is part of an exercise
 * - NGSI-LD entities, one or a list: `{"id": "urn:…", "type": "…", "pm25": {"type": "Property", "value": 35, "observedAt": "…", "unitCode": "GQ"}}`,
 *   or key-values with `dateObserved`
 * - CSV with a header `entity,property,at,value[,unit]`; NDJSON with one reading or entity a line
 * Times are ISO 8601 (without an offset: Asia/Shanghai) or milliseconds since 1970. A reading that cannot be read is refused with its reason;
 * the others of its batch are taken. A batch that is no batch is a Problem.
 */
import { Problem } from '../../platform/problem.ts';
import { propertyModel } from '../model/types.ts';
import { conversion, unitCode } from '../model/units.ts';
import { badBatch } from '../problems.ts';
import { readingFlag } from '../readings.ts';
import type { Book } from '../registry/book.ts';
import { csvRows } from './csv.ts';
import { Parsed } from './parsed.ts';

/** Readings of a batch at most. */
export const MOST = 10_000;

/** What reading stands on. */
export interface ReadHost {
  book: Book;
  /** Whether who brought them may write a series, or an entity that is not registered. */
  may(series: number): boolean;
  mayWrite(entity: string): boolean;
  /** Called for what is not registered; what it names is refused as unknown. */
  unknown?(entity: string, property: string, unit: string | undefined): void;
}

const bad = (zh: string, en: string): Problem => new Problem(badBatch, { zh, en });

/** Milliseconds of a time; NaN: none. */
export function timeOf(text: unknown): number {
  if (typeof text === 'number') return text;
  if (typeof text !== 'string' || text.length > 40) return Number.NaN;
  const local = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)$/.exec(text);
  if (local) return Date.parse(`${local[1]}T${local[2]}+08:00`);
  if (/^\d{12,14}$/.test(text)) return Number(text);
  return /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN;
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : value === undefined ? '' : (JSON.stringify(value) ?? '');

/** A number; numerals in text are taken, everything else is NaN. */
function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?\s*$/i.test(value)
    ? Number(value)
    : Number.NaN;
}

export class Reader {
  readonly #host: ReadHost;
  readonly parsed: Parsed;
  /** Flag of what is read: that its sender calls it an exercise. */
  #mark = 0;
  /** Conversions into the units of series, by unit as it was sent. */
  readonly #conversions = new Map<string, { factor: number; offset: number } | null>();

  constructor(host: ReadHost, most = MOST) {
    this.#host = host;
    this.parsed = new Parsed(most, (n) => host.book.get(n) ?? { entity: '', property: '' });
  }

  /** One reading in parts. */
  one(entity: unknown, property: unknown, at: unknown, value: unknown, unit: unknown): undefined {
    const raw = () => ({
      ...{
        entity: textOf(entity),
        property: textOf(property),
        at: textOf(at),
        value: textOf(value),
        unit: textOf(unit),
      },
    });
    if (typeof entity !== 'string' || typeof property !== 'string') return this.parsed.putRefused('shape', raw());
    const series = this.#host.book.number(entity, property);
    if (!series) {
      if (!this.#host.mayWrite(entity)) return this.parsed.putRefused('not-allowed', raw());
      this.#host.unknown?.(entity, property, typeof unit === 'string' ? unit : undefined);
      return this.parsed.putRefused('unknown', raw());
    }
    this.known(series, at, value, unit, raw);
  }

  /** One reading of a registered series. */
  known(series: number, at: unknown, value: unknown, unit: unknown, raw?: () => object): undefined {
    const { parsed } = this;
    const words = () => {
      const { entity, property } = this.#host.book.get(series)!;
      return { entity, property, at: textOf(at), value: textOf(value), unit: textOf(unit), ...raw?.() };
    };
    if (!this.#host.may(series)) return parsed.putRefused('not-allowed', words());
    const v = typeof value === 'number' ? value : numberOf(value);
    if (!Number.isFinite(v)) return parsed.putRefused('not-a-number', words());
    const t = typeof at === 'number' ? at : timeOf(at);
    if (!Number.isFinite(t)) return parsed.putRefused('time', words());
    if (unit === undefined || unit === null || unit === '') return parsed.put(series, t, v, this.#mark);
    const c = typeof unit === 'string' ? this.#conversion(series, unit) : null;
    if (!c) return parsed.putRefused('unit', words());
    if (c.factor === 1 && c.offset === 0) return parsed.put(series, t, v, this.#mark);
    // Rounded to what a double of this size can still say after one multiplication.
    parsed.put(series, t, Number((v * c.factor + c.offset).toPrecision(12)), readingFlag.converted | this.#mark);
  }

  #conversion(series: number, unit: string): { factor: number; offset: number } | null {
    const row = this.#host.book.get(series)!;
    if (unit === row.unit) return { factor: 1, offset: 0 };
    const molar = propertyModel(row.type, row.property)?.molar;
    const key = `${unit}\u0000${row.unit}\u0000${molar ?? ''}`;
    let c = this.#conversions.get(key);
    if (c === undefined) {
      const code = unit.length <= 20 ? unitCode(unit) : undefined;
      c = (code !== undefined && conversion(code, row.unit, molar)) || null;
      if (this.#conversions.size < 1000) this.#conversions.set(key, c);
    }
    return c;
  }

  /** A JSON text in any of its forms. */
  json(text: string): Parsed {
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      body = withoutNaN(text);
    }
    if (Array.isArray(body)) {
      for (const item of body) this.#item(item);
      return this.parsed;
    }
    if (typeof body !== 'object' || body === null) throw bad('应为数组或对象', 'neither a list nor an object');
    if ('series' in body) this.#columns(body as Record<string, unknown>);
    else this.#item(body);
    return this.parsed;
  }

  #columns(body: Record<string, unknown>): void {
    const { series, at, value, unit } = body;
    if (!Array.isArray(series) || !Array.isArray(at) || !Array.isArray(value))
      throw bad('series、at、value 须为数组', 'series, at and value must be lists');
    if (series.length !== at.length || series.length !== value.length)
      throw bad('series、at、value 长度须相同', 'series, at and value must be of one length');
    const units = Array.isArray(unit) ? unit : undefined;
    if (units && units.length !== series.length) throw bad('unit 长度须相同', 'unit must be as long as the others');
    const { exercise } = body;
    const each = Array.isArray(exercise) ? exercise : undefined;
    if (each && each.length !== series.length)
      throw bad('exercise 长度须相同', 'exercise must be as long as the others');
    for (let i = 0; i < series.length; i++) {
      const drill: unknown = each ? each[i] : exercise;
      this.#mark = drill === true || drill === 1 ? readingFlag.exercise : 0;
      const s: unknown = series[i];
      const u: unknown = units ? units[i] : unit;
      if (typeof s === 'number') {
        if (this.#host.book.get(s)) this.known(s, at[i], value[i], u);
        else this.parsed.putRefused('unknown', { entity: String(s), at: textOf(at[i]), value: textOf(value[i]) });
      } else if (typeof s === 'string') {
        const cut = s.lastIndexOf('#');
        this.one(s.slice(0, cut < 0 ? undefined : cut), cut < 0 ? '' : s.slice(cut + 1), at[i], value[i], u);
      } else this.parsed.putRefused('shape', { at: textOf(at[i]), value: textOf(value[i]) });
    }
  }

  #item(item: unknown): undefined {
    if (typeof item !== 'object' || item === null || Array.isArray(item))
      return this.parsed.putRefused('shape', { value: textOf(item) });
    const r = item as Record<string, unknown>;
    if ('property' in r) {
      if (typeof r.series === 'number' && this.#host.book.get(r.series)) this.known(r.series, r.at, r.value, r.unit);
      else this.one(r.entity ?? r.id, r.property, r.at, r.value, r.unit);
    } else if (typeof r.id === 'string') this.#entity(r.id, r);
    else this.parsed.putRefused('shape', { value: textOf(item) });
  }

  /** An NGSI-LD entity, normalized or as key-values. */
  #entity(id: string, r: Record<string, unknown>): void {
    const common = instantOf(r.dateObserved) ?? instantOf(r.observedAt);
    let found = 0;
    for (const [name, attribute] of Object.entries(r)) {
      if (name === 'id' || name === 'type' || name === '@context' || name.startsWith('date')) continue;
      if (typeof attribute === 'number') {
        if (!this.#host.book.number(id, name) && !propertyModel(String(r.type), name)) continue;
        found += 1;
        this.one(id, name, common, attribute, undefined);
      } else if (typeof attribute === 'object' && attribute !== null && !Array.isArray(attribute)) {
        const a = attribute as Record<string, unknown>;
        if (a.type !== 'Property' && a.type !== 'Number') continue;
        // What is text or a place is no reading; a value that should be a number and is not is one that is refused.
        if (typeof a.value === 'object' && a.value !== null) continue;
        if (typeof a.value === 'string' && !this.#host.book.number(id, name)) continue;
        found += 1;
        this.one(id, name, a.observedAt ?? common, a.value, a.unitCode);
      }
    }
    if (!found) this.parsed.putRefused('shape', { entity: id });
  }

  /** CSV with a header. */
  csv(text: string): Parsed {
    let columns: Map<string, number> | undefined;
    this.parsed.keepLines();
    const lines = lineCounter(text);
    for (const [row, from] of csvRows(text)) {
      this.parsed.line = lines(from);
      if (!columns) {
        columns = new Map(
          row.map((name, i) => [
            name
              .trim()
              .toLowerCase()
              .replace(/^\ufeff/, ''),
            i,
          ]),
        );
        if (!['entity', 'property', 'at', 'value'].every((c) => columns!.has(c)))
          throw bad('表头须含 entity,property,at,value', 'the header must have entity,property,at,value');
        continue;
      }
      if (row.length === 1 && row[0] === '') continue;
      const of = (name: string) => row[columns!.get(name) ?? -1]?.trim();
      // A row that ends before what a reading needs is none, whoever it speaks of: not one that waits for its sensor to be registered.
      if (of('at') === undefined || of('value') === undefined) {
        this.parsed.putRefused('shape', { value: row.join(',').slice(0, 60) });
        continue;
      }
      this.one(of('entity'), of('property'), of('at'), of('value'), of('unit'));
    }
    if (!columns) throw bad('没有内容', 'it is empty');
    return this.parsed;
  }

  /** One reading or entity a line. */
  ndjson(text: string): Parsed {
    this.parsed.keepLines();
    for (const line of text.split('\n')) {
      this.parsed.line += 1;
      if (line.trim() === '') continue;
      let item: unknown;
      try {
        item = JSON.parse(line);
      } catch {
        this.parsed.putRefused('shape', { value: line.slice(0, 60) });
        continue;
      }
      this.#item(item);
    }
    return this.parsed;
  }
}

/** A text in which some languages wrote NaN or Infinity, which JSON has not: those are no numbers, the rest of the batch is what it is. */
function withoutNaN(text: string): unknown {
  try {
    if (/NaN|Infinity/.test(text)) return JSON.parse(text.replace(/([[,:]\s*)-?(?:NaN|Infinity)\b/g, '$1null'));
  } catch {
    // No batch at all, told below.
  }
  throw bad('不是合法的 JSON', 'not valid JSON');
}

/** Says in which line a place of a text is, 1 for the first; asked in ascending order. */
function lineCounter(text: string): (place: number) => number {
  let line = 1;
  let at = text.indexOf('\n');
  return (place) => {
    for (; at >= 0 && at < place; at = text.indexOf('\n', at + 1)) line += 1;
    return line;
  };
}

/** A time that NGSI-LD gives as text, as a Property, or as a typed value. */
function instantOf(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'number') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const { value: inner } = value as { value?: unknown };
  return typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)['@value'] : inner;
}
