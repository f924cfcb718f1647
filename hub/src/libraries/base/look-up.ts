/** 地址解析: an address taken apart and found among the standard addresses, one by one or a file of them. */
import { LABEL_TITLES, normalise, parse } from '@jingwei/addresses';
import type { z } from 'zod';
import { type Lake, literal } from '../../platform/lake/index.ts';
import { problemKind } from '../../platform/problem.ts';
import { AddressBook, type Reading } from './addresses.ts';
import type { addressAnswer } from './api-places.ts';
import type { LoadedLibrary } from './check.ts';

export const noTable = problemKind(
  'libraries.address.no-table',
  409,
  '还没有标准地址：请先归集楼栋和标准地址。',
  'There are no standard addresses yet: collect buildings and standard addresses first.',
);

/** The standard addresses as the hub last read them; read again when an integration changed them. */
export class AddressDesk {
  readonly #lake: Lake;
  #book: { fingerprint: string; library: number; loading: Promise<AddressBook> } | undefined;

  constructor(lake: Lake) {
    this.#lake = lake;
  }

  /** The book and the number of its library; undefined before buildings were integrated. */
  async open(): Promise<{ book: AddressBook; library: number } | undefined> {
    const now = await this.#lake.first<{ library: number; fingerprint: string }>(
      'SELECT library, fingerprint FROM lib.base_address_table',
    );
    if (!now) return undefined;
    if (this.#book?.fingerprint !== now.fingerprint || this.#book.library !== now.library) {
      const loading = AddressBook.load(this.#lake, now.library);
      this.#book = { ...now, loading };
      loading.catch(() => {
        if (this.#book?.loading === loading) this.#book = undefined;
      });
    }
    return { book: await this.#book.loading, library: now.library };
  }
}

/** A building's standing: its code, address, position and the areas in which it lies. */
export interface Standing {
  code: string | null;
  address: string | null;
  longitude: number | null;
  latitude: number | null;
  areas: {
    kind: string;
    title: { zh: string; en: string };
    library: string;
    entity: number;
    code: string | null;
    name: string | null;
  }[];
}

/** Where buildings stand, by entity. */
export async function standings(
  lake: Lake,
  libraries: readonly LoadedLibrary[],
  library: number,
  entities: readonly number[],
): Promise<Map<number, Standing>> {
  const found = new Map<number, Standing>();
  const d = libraries.find((l) => l.declaration.number === library)?.declaration;
  if (!d || entities.length === 0) return found;
  const label = d.attributes.findIndex((a) => a.name === d.label) + 1;
  for (let i = 0; i < entities.length; i += 5_000) {
    const list = entities.slice(i, i + 5_000).join(', ');
    const rows = await lake.query<{
      entity: number;
      key: string;
      address: string | null;
      lon: number | null;
      lat: number | null;
    }>(
      `SELECT e.entity, e."key" AS key, v.value AS address, s.lon, s.lat FROM lib.base_entity e
       LEFT JOIN lib.base_value v ON v.library = ${library} AND v.attribute = ${label} AND v.entity = e.entity
       LEFT JOIN lib.base_shape s ON s.library = ${library} AND s.entity = e.entity WHERE e.library = ${library} AND e.entity IN (${list})`,
    );
    for (const r of rows)
      found.set(r.entity, { code: r.key, address: r.address, longitude: r.lon, latitude: r.lat, areas: [] });
    const single = d.relations.filter((r) => r.single && libraries.some((l) => l.declaration.library === r.to));
    for (const r of single) {
      const to = libraries.find((l) => l.declaration.library === r.to)!.declaration;
      const name = to.attributes.findIndex((a) => a.name === to.label) + 1;
      const ends = await lake.query<{ entity: number; other: number; key: string; name: string | null }>(
        `SELECT x.entity, x.to_entity AS other, e."key" AS key, v.value AS name FROM (SELECT entity, to_entity FROM lib.base_relation WHERE library = ${library} AND kind = ${literal(r.kind)} AND entity IN (${list})
           QUALIFY row_number() OVER (PARTITION BY entity ORDER BY rank, "day" DESC NULLS LAST, fact DESC) = 1) x
         JOIN lib.base_entity e ON e.library = ${to.number} AND e.entity = x.to_entity
         LEFT JOIN lib.base_value v ON v.library = ${to.number} AND v.attribute = ${name} AND v.entity = x.to_entity`,
      );
      for (const end of ends)
        found.get(end.entity)?.areas.push({
          kind: r.kind,
          title: r.title,
          library: to.library,
          entity: end.other,
          code: end.key,
          name: end.name,
        });
    }
  }
  return found;
}

/** The answer for one address. */
export async function lookUp(
  lake: Lake,
  libraries: readonly LoadedLibrary[],
  desk: { book: AddressBook; library: number },
  text: string,
): Promise<z.input<typeof addressAnswer>> {
  const reading = desk.book.read(text);
  const elements = parse(reading.read);
  const wanted = [...(reading.entity === null ? [] : [reading.entity]), ...reading.candidates];
  const where = await standings(lake, libraries, desk.library, wanted);
  const own = reading.entity === null ? undefined : where.get(reading.entity);
  return {
    text,
    elements: elements.map((e) => ({ label: e.label, title: LABEL_TITLES[e.label], text: e.text, value: e.value })),
    normal: normalise(elements, { within: '3302' }).text,
    level: reading.level,
    score: reading.score,
    building:
      reading.entity === null || !own
        ? null
        : {
            entity: reading.entity,
            code: own.code,
            address: own.address,
            longitude: own.longitude,
            latitude: own.latitude,
          },
    standard: reading.canonical,
    areas: own?.areas ?? [],
    candidates: reading.candidates.map((entity) => ({ entity, address: where.get(entity)?.address ?? null })),
  };
}

export const fileColumns = [
  '解析级别',
  '置信度',
  '标准地址',
  '楼栋编码',
  '经度',
  '纬度',
  '网格编码',
  '网格',
  '社区代码',
  '社区',
  '镇街',
  '道路',
  '候选数',
] as const;

/** What the file says of one reading, in the order of {@link fileColumns}. */
export function fileCells(reading: Reading, own: Standing | undefined): string[] {
  const area = (kind: string) => own?.areas.find((a) => a.kind === kind);
  return [
    reading.level,
    reading.entity === null ? '' : String(reading.score),
    reading.canonical ?? '',
    own?.code ?? '',
    own?.longitude?.toFixed(6) ?? '',
    own?.latitude?.toFixed(6) ?? '',
    area('grid-cell')?.code ?? '',
    area('grid-cell')?.name ?? '',
    area('community')?.code ?? '',
    area('community')?.name ?? '',
    area('town')?.name ?? '',
    area('road')?.name ?? '',
    reading.candidates.length > 0 ? String(reading.candidates.length) : '',
  ];
}
