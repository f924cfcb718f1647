/** Entities and series as they are kept; the book in memory follows every change. */
import { type Kysely, sql } from 'kysely';
import type { Clock } from '../../platform/clock.ts';
import type { AnyTables, Db } from '../../platform/db/index.ts';
import { Problem } from '../../platform/problem.ts';
import { type CoordinateSystem, wgs84 } from '../model/place.ts';
import { propertyModel } from '../model/types.ts';
import { conversion, unitCode } from '../model/units.ts';
import { badEntity } from '../problems.ts';
import type { Book, SeriesRow } from './book.ts';

/** One property as it is registered. */
export interface PropertyInput {
  name: string;
  /** Any spelling; the model's unit by default. */
  unit?: string | undefined;
  least?: number | undefined;
  most?: number | undefined;
  /** Seconds between readings. */
  interval?: number | undefined;
  /** Least milliseconds between two readings. */
  gap?: number | undefined;
  /** Seconds without a change after which it is flat. */
  flatAfter?: number | undefined;
}

/** An entity as it is registered. */
export interface EntityInput {
  id: string;
  type: string;
  label: { zh: string; en: string };
  place?: { lon: number; lat: number; system?: CoordinateSystem | undefined } | null | undefined;
  owner?: string | null | undefined;
  address?: string | undefined;
  attributes?: Record<string, unknown> | undefined;
  properties: readonly PropertyInput[];
}

/** `urn:ngsi-ld:<Type>:<id>`. */
export const URN = /^urn:ngsi-ld:([A-Z][A-Za-z0-9]{1,59}):([A-Za-z0-9][\w.:~-]{0,120})$/;
export const PROPERTY = /^[A-Za-z][A-Za-z0-9_]{0,59}$/;

/** The type in an identifier; undefined when it is none. */
export const typeOf = (id: string): string | undefined => URN.exec(id)?.[1];

interface Made extends Required<Omit<PropertyInput, 'unit'>> {
  unit: string;
}

/** A property with everything that was left out filled in by its model. */
function filled(type: string, p: PropertyInput, id: string): Made {
  const bad = (zh: string, en: string) =>
    new Problem(badEntity, { zh: `${id} ${zh}`, en: `${id}: ${en}` }, { field: p.name });
  if (!PROPERTY.test(p.name)) throw bad(`属性名 ${p.name} 不合规`, `the name ${p.name} is not allowed`);
  const model = propertyModel(type, p.name);
  const unit = p.unit === undefined ? model?.unit : unitCode(p.unit);
  if (unit === undefined)
    throw p.unit === undefined
      ? bad(`属性 ${p.name} 不在数据模型中，须写明计量单位`, `${p.name} is not of the model: give its unit`)
      : bad(`不认识计量单位 ${p.unit}`, `the unit ${p.unit} is not known`);
  let [least, most] = [-1e15, 1e15];
  if (model) {
    const c = conversion(model.unit, unit, model.molar);
    if (!c) throw bad(`属性 ${p.name} 不能以 ${p.unit} 计量`, `${p.name} is not measured in ${p.unit}`);
    [least, most] = [model.least * c.factor + c.offset, model.most * c.factor + c.offset];
  }
  const made = {
    ...{ name: p.name, unit, least: p.least ?? least, most: p.most ?? most },
    ...{ interval: p.interval ?? 0, gap: p.gap ?? 100, flatAfter: p.flatAfter ?? 0 },
  };
  if (!(made.least < made.most)) throw bad(`属性 ${p.name} 的上下限颠倒`, `the bounds of ${p.name} are turned round`);
  return made;
}

interface Joined {
  number: number;
  entity: string;
  type: string;
  property: string;
  unit: string;
  lon: number | null;
  lat: number | null;
  owner: string | null;
  label_zh: string;
  label_en: string;
  interval_s: number;
  gap_ms: number;
  flat_s: number;
  least: number;
  most: number;
  scale: number;
  shift: number;
  drifting: boolean;
  active: boolean;
}

const rowOf = (r: Joined): SeriesRow => ({
  ...{ number: r.number, entity: r.entity, type: r.type, property: r.property, unit: r.unit, lon: r.lon, lat: r.lat },
  ...{ owner: r.owner, label: { zh: r.label_zh, en: r.label_en }, interval: r.interval_s, gap: r.gap_ms },
  ...{ flatAfter: r.flat_s, least: r.least, most: r.most, scale: r.scale, shift: r.shift },
  ...{ drifting: r.drifting, active: r.active },
});

export class RegistryStore {
  readonly #db: Db;
  readonly #clock: Clock;
  readonly #book: Book;
  readonly #changed: (series: number[]) => void;

  /** @param changed told of series that came or changed, after the book knows them */
  constructor(db: Db, clock: Clock, book: Book, changed: (series: number[]) => void) {
    this.#db = db;
    this.#clock = clock;
    this.#book = book;
    this.#changed = changed;
  }

  /** Reads series into the book: all of them, or those of entities. */
  async load(entities?: readonly string[]): Promise<void> {
    const where = entities ? sql`WHERE e.id = ANY(${[...entities]}::text[])` : sql``;
    const { rows } =
      await sql<Joined>`SELECT s.number, s.entity, e.type, s.property, s.unit, e.lon, e.lat, e.owner, e.label_zh, e.label_en,
        s.interval_s, s.gap_ms, s.flat_s, s.least, s.most, s.scale, s.shift, s.drifting, e.active
      FROM sensing.series s JOIN sensing.entity e ON e.id = s.entity ${where} ORDER BY s.number`.execute(
        this.#db.kysely,
      );
    for (const r of rows) this.#book.put(rowOf(r));
    if (entities && rows.length) this.#changed(rows.map((r) => r.number));
  }

  /**
   * Registers entities or changes them; properties that are there already keep their number and history. Answers how many were new.
   * Problem `sensing.entity` (nothing is registered then), `sensing.place`.
   * @param origin a gateway's id or `console`
   */
  async register(
    inputs: readonly EntityInput[],
    origin: string,
    trx?: Kysely<AnyTables>,
  ): Promise<{ made: number; changed: number }> {
    const now = this.#clock.now();
    const entities = new Map<string, Record<string, unknown>>();
    const series = new Map<string, Record<string, unknown>>();
    for (const input of inputs) {
      const bad = (zh: string, en: string) => new Problem(badEntity, { zh, en }, { field: 'id' });
      if (typeOf(input.id) !== input.type)
        throw bad(
          `标识 ${input.id} 应为 urn:ngsi-ld:${input.type}:…`,
          `${input.id} is not urn:ngsi-ld:${input.type}:…`,
        );
      const place = input.place ? wgs84(input.place.lon, input.place.lat, input.place.system ?? 'WGS84') : null;
      entities.set(input.id, {
        ...{ id: input.id, type: input.type, label_zh: input.label.zh, label_en: input.label.en },
        ...{ lon: place?.lon ?? null, lat: place?.lat ?? null, owner: input.owner ?? null },
        ...{ address: input.address ?? null, attributes: input.attributes ?? {}, origin },
      });
      for (const p of input.properties) {
        const m = filled(input.type, p, input.id);
        series.set(`${input.id} ${m.name}`, {
          ...{ entity: input.id, property: m.name, unit: m.unit, least: m.least, most: m.most },
          ...{ interval_s: m.interval, gap_ms: m.gap, flat_s: m.flatAfter },
        });
      }
    }
    const run = async (t: Kysely<AnyTables>) => {
      const { rows } = await sql<{ made: boolean }>`
        INSERT INTO sensing.entity AS e (id, type, label_zh, label_en, lon, lat, owner, address, attributes, origin, created_at, changed_at)
        SELECT id, type, label_zh, label_en, lon, lat, owner, address, attributes, origin, ${now}::timestamptz, ${now}::timestamptz
        FROM jsonb_to_recordset(${JSON.stringify([...entities.values()])}::jsonb) AS x (id text, type text, label_zh text, label_en text,
          lon double precision, lat double precision, owner text, address text, attributes jsonb, origin text)
        ON CONFLICT (id) DO UPDATE SET label_zh = excluded.label_zh, label_en = excluded.label_en, lon = coalesce(excluded.lon, e.lon),
          lat = coalesce(excluded.lat, e.lat), owner = coalesce(excluded.owner, e.owner), address = coalesce(excluded.address, e.address),
          attributes = e.attributes || excluded.attributes, version = e.version + 1, changed_at = excluded.changed_at
        RETURNING (xmax = 0) AS made`.execute(t);
      // What a series is measured in stays as long as it has readings: a change of unit is another series' matter.
      await sql`INSERT INTO sensing.series (entity, property, unit, least, most, interval_s, gap_ms, flat_s)
        SELECT entity, property, unit, least, most, interval_s, gap_ms, flat_s
        FROM jsonb_to_recordset(${JSON.stringify([...series.values()])}::jsonb) AS x (entity text, property text, unit text,
          least double precision, most double precision, interval_s integer, gap_ms integer, flat_s integer)
        ON CONFLICT (entity, property) DO UPDATE SET interval_s = excluded.interval_s, gap_ms = excluded.gap_ms, flat_s = excluded.flat_s,
          least = CASE WHEN sensing.series.unit = excluded.unit THEN excluded.least ELSE sensing.series.least END,
          most = CASE WHEN sensing.series.unit = excluded.unit THEN excluded.most ELSE sensing.series.most END`.execute(
        t,
      );
      return rows.filter((r) => r.made).length;
    };
    const made = trx ? await run(trx) : await this.#db.tx(run);
    await this.load([...entities.keys()]);
    return { made, changed: entities.size - made };
  }

  /** Sets a calibration of a series and writes it down. */
  async calibrate(
    number: number,
    c: { scale: number; shift: number; certificate: string; due: string | null; note: string; by: string },
    trx: Kysely<AnyTables>,
  ): Promise<void> {
    await sql`INSERT INTO sensing.calibration (series, scale, shift, certificate, due, note, set_by, set_at)
      VALUES (${number}, ${c.scale}, ${c.shift}, ${c.certificate}, ${c.due}::date, ${c.note}, ${c.by}, ${this.#clock.now()})`.execute(
      trx,
    );
    await sql`UPDATE sensing.series SET scale = ${c.scale}, shift = ${c.shift} WHERE number = ${number}`.execute(trx);
  }

  /** Takes an entity out of service, or back into it. */
  async setActive(id: string, active: boolean, trx: Kysely<AnyTables>): Promise<void> {
    await sql`UPDATE sensing.entity SET active = ${active}, version = version + 1, changed_at = ${this.#clock.now()} WHERE id = ${id}`.execute(
      trx,
    );
  }

  /** Writes which series drift; the others do not. */
  async setDrifting(numbers: readonly number[]): Promise<void> {
    const { rows } = await sql<{
      entity: string;
    }>`UPDATE sensing.series SET drifting = (number = ANY(${[...numbers]}::integer[]))
      WHERE drifting IS DISTINCT FROM (number = ANY(${[...numbers]}::integer[])) RETURNING entity`.execute(
      this.#db.kysely,
    );
    if (rows.length) await this.load([...new Set(rows.map((r) => r.entity))]);
  }
}
