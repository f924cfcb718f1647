/**
 * Matching to standard addresses on the known truth of a synthetic city: how many addresses get the right building, how many a wrong one.
 * The standard addresses are the city's buildings; the queries are the addresses of households (truth: the building) as written and in the ways in
 * which departments write them differently.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { addressKeys, Matcher, normalise, parse, type StandardAddress } from '../../packages/addresses/src/index.ts';

/** A building and a household's address with its building. */
export interface City {
  buildings: (StandardAddress & { text: string })[];
  households: { text: string; building: string }[];
}

/** Reads the truth of a city made by @jingwei/synthcity. */
export async function readCity(folder: string): Promise<City> {
  const db = await (await DuckDBInstance.create()).connect();
  const rows = async (sql: string) => (await db.runAndReadAll(sql)).getRows();
  const file = (name: string): string => `'${join(folder, 'truth', `${name}.parquet`).replaceAll("'", "''")}'`;
  const buildings = await rows(
    `SELECT building::VARCHAR, '慈溪市' || address, lon::DOUBLE, lat::DOUBLE FROM ${file('buildings')} ORDER BY 1`,
  );
  const households = await rows(`SELECT address, building::VARCHAR FROM ${file('households')} ORDER BY household`);
  return {
    buildings: buildings.map((r) => ({
      id: String(r[0]),
      text: String(r[1]),
      longitude: Number(r[2]),
      latitude: Number(r[3]),
    })),
    households: households.map((r) => ({ text: String(r[0]), building: String(r[1]) })),
  };
}

const TEN = '零一二三四五六七八九';
const numeral = (n: number): string =>
  n < 10
    ? TEN[n]!
    : n < 20
      ? `十${n % 10 ? TEN[n % 10] : ''}`
      : `${TEN[Math.floor(n / 10)]}十${n % 10 ? TEN[n % 10] : ''}`;

/** The ways of writing an address, each with what it does. */
export const WRITINGS: Readonly<Record<string, (text: string) => string>> = {
  'as written': (text) => text,
  'with province and city': (text) => `浙江省宁波市${text}`,
  'without the county': (text) => text.replace(/^慈溪市/, ''),
  'without the town': (text) =>
    text.replace(/^慈溪市.*?(?:街道|镇|经济开发区|产业园区|创新中心|农业开发区|商贸园区)/, '慈溪市'),
  'full width, spaces': (text) =>
    text.replace(/[0-9]/g, (d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0)).replace(/(市|街道|号)/g, '$1 '),
  'numerals and aliases': (text) =>
    text.replace(/(\d+)幢/, (_, n: string) => `${numeral(Number(n))}号楼`).replace(/(\d+)室$/, '$1房'),
  'without the unit of the building': (text) => text.replace(/(\d+)幢(\d+)室$/, '$1-$2'),
  'a remark behind': (text) => `${text}（请电话联系）`,
  'the old county': (text) => text.replace(/^慈溪市/, '浙江省慈溪县'),
};

/** Counts of one way of writing. */
export interface MatchCounts {
  queries: number;
  right: number;
  wrong: number;
  ambiguous: number;
  /** Ambiguous because several buildings of the truth bear the very same address, or would without the part that is left out. */
  trulyAmbiguous: number;
  none: number;
  perSecond: number;
}

/** Matches every `step`-th household in every writing. */
export function matchCity(
  city: City,
  step = 1,
): { build: { seconds: number; bytes: number }; writings: Record<string, MatchCounts> } {
  let start = performance.now();
  const matcher = new Matcher(city.buildings, { within: '3302' });
  const build = { seconds: round((performance.now() - start) / 1000), bytes: matcher.bytes };
  const writings: Record<string, MatchCounts> = {};
  for (const [name, write] of Object.entries(WRITINGS)) {
    const same = new Map<string, number>();
    for (const one of city.buildings) same.set(write(one.text), (same.get(write(one.text)) ?? 0) + 1);
    const textOf = new Map(city.buildings.map((one) => [one.id, one.text]));
    const queries = city.households.filter((_, i) => i % step === 0);
    const texts = queries.map((one) => write(one.text));
    start = performance.now();
    const found = texts.map((text) => matcher.match(text));
    const seconds = (performance.now() - start) / 1000;
    const counts: MatchCounts = {
      queries: queries.length,
      right: 0,
      wrong: 0,
      ambiguous: 0,
      trulyAmbiguous: 0,
      none: 0,
      perSecond: Math.round(queries.length / seconds),
    };
    found.forEach((one, i) => {
      const truth = queries[i]!.building;
      if (one.match) counts[one.match.building === truth ? 'right' : 'wrong']++;
      else if (one.ambiguous) {
        counts.ambiguous++;
        if ((same.get(write(textOf.get(truth)!)) ?? 0) > 1) counts.trulyAmbiguous++;
      } else counts.none++;
      if (process.argv.includes('--show') && one.match?.building !== truth && !one.ambiguous) {
        console.log(name, texts[i], textOf.get(truth), JSON.stringify(one).slice(0, 200));
      }
    });
    writings[name] = counts;
  }
  return { build, writings };
}

/** The same by keys in SQL, as the README has it: parsing in one thread, then one join in the engine. */
export async function joinCity(city: City): Promise<Record<string, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'addresses-'));
  try {
    let start = performance.now();
    const save = (name: string, rows: readonly { text: string; building: string }[]): void => {
      const lines = rows.map(({ text, building }, id) => {
        const { parts } = normalise(parse(text, { confidence: false }), { within: '3302' });
        return JSON.stringify({ id, building, town: parts.town ?? null, road_number: addressKeys(parts).roadNumber });
      });
      writeFileSync(join(folder, `${name}.json`), lines.join('\n'));
    };
    save(
      'standards',
      city.buildings.map((one) => ({ text: one.text, building: one.id })),
    );
    save('records', city.households);
    const parseSeconds = round((performance.now() - start) / 1000);
    const db = await (await DuckDBInstance.create()).connect();
    for (const name of ['standards', 'records']) {
      await db.run(
        `CREATE TABLE ${name} AS SELECT * FROM read_json('${join(folder, `${name}.json`)}', format='newline_delimited', columns={id: 'INTEGER', building: 'VARCHAR', town: 'VARCHAR', road_number: 'VARCHAR[]'})`,
      );
    }
    start = performance.now();
    await db.run(`CREATE TABLE joined AS SELECT r.id, any_value(r.truth) AS truth, min(s.building) AS building
      FROM (SELECT id, town, building AS truth, unnest(road_number) AS key FROM records) r
      JOIN (SELECT building, town, unnest(road_number) AS key FROM standards) s USING (key)
      WHERE r.town IS NULL OR s.town IS NULL OR r.town = s.town
      GROUP BY r.id HAVING count(DISTINCT s.building) = 1`);
    const joinSeconds = round((performance.now() - start) / 1000);
    const [right, wrong] = (
      await db.runAndReadAll(
        'SELECT count(*) FILTER (truth = building)::INTEGER, count(*) FILTER (truth <> building)::INTEGER FROM joined',
      )
    ).getRows()[0]!;
    return {
      queries: city.households.length,
      right: Number(right),
      wrong: Number(wrong),
      parseSeconds,
      joinSeconds,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function round(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}
