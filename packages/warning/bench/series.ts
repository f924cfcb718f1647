/** Public series that forecasts are measured on, read from the folder of reference data; nothing of them is part of the project. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, inflateRawSync } from 'node:zlib';

/** One series on a regular grid; NaN where nothing was measured. */
export interface Measured {
  readonly name: string;
  readonly at: readonly number[];
  readonly value: readonly number[];
}
export interface Dataset {
  readonly name: string;
  readonly unit: string;
  /** steps of a season, for the seasonal-naive forecast */
  readonly season: number;
  readonly min?: number;
  readonly series: readonly Measured[];
}

/** Hourly PM2.5 of twelve stations. */
export function air(root: string): Dataset {
  const folder = join(root, 'air');
  const series = readdirSync(folder)
    .sort()
    .map((name) => {
      const rows = gunzipSync(readFileSync(join(folder, name)))
        .toString('utf8')
        .trim()
        .split('\n')
        .slice(1);
      const cells = rows.map((r) => r.split(','));
      return {
        name: name.split('_')[2]!,
        at: cells.map((c) => Date.UTC(+c[1]!, +c[2]! - 1, +c[3]!, +c[4]!) - 8 * 3_600_000),
        value: cells.map((c) => (c[5] === 'NA' ? Number.NaN : Number(c[5]))),
      };
    });
  return { name: 'air', unit: 'µg/m³, hourly', season: 24, min: 0, series };
}

/** Hourly river levels (mm above the station's own zero), about a month a station. */
export function water(root: string): Dataset {
  const series: Measured[] = [];
  for (const part of ['train_data', 'validation_data', 'test_data']) {
    for (const [name, text] of unzip(readFileSync(join(root, 'water', `${part}.zip`)))) {
      if (!name.includes('hubeau_site_') || !name.includes('_60m_')) continue;
      const [head, ...rows] = text().replaceAll('"', '').trim().split('\n');
      const column = (title: string) => head!.trim().split(';').indexOf(title);
      const [kind, time, result] = [column('grandeur_hydro'), column('date_obs'), column('resultat_obs')];
      const points = new Map<number, number>();
      for (const row of rows) {
        const c = row.split(';');
        if (c[kind] === 'H' && c[result]) points.set(Date.parse(c[time]!), Number(c[result]));
      }
      const at = [...points.keys()].sort((a, b) => a - b);
      const value = at.map((t) => points.get(t)!);
      if (at.length < 200 || new Set(value).size <= 5) continue;
      series.push({ name: `${part}/${name.split('hubeau_site_')[1]!.split('_')[0]}`, at, value });
    }
  }
  return { name: 'water', unit: 'mm, hourly', season: 24, series };
}

/** Free spaces of car parks over one week, every quarter of an hour; a source that tells changes only is held for four hours. */
export function parking(root: string): Dataset {
  const folder = join(root, 'parking');
  const points = new Map<string, [number, number][]>();
  for (const file of readdirSync(folder)
    .filter((f) => f.startsWith('de-parking-'))
    .sort()) {
    const [head, ...rows] = gunzipSync(readFileSync(join(folder, file)))
      .toString('utf8')
      .trim()
      .split('\n');
    const names = head!.trim().split(',');
    for (const row of rows) {
      const cells = row.trim().split(',');
      for (let i = 1; i < cells.length; i++) {
        if (cells[i] === '') continue;
        const own = points.get(names[i]!) ?? [];
        own.push([Date.parse(cells[0]!), Number(cells[i])]);
        points.set(names[i]!, own);
      }
    }
  }
  const start = Date.UTC(2024, 4, 1);
  const series: Measured[] = [];
  for (const [name, own] of points) {
    const at = Array.from({ length: 672 }, (_, i) => start + i * 900_000);
    let j = -1;
    const value = at.map((t) => {
      while (j + 1 < own.length && own[j + 1]![0] <= t + 120_000) j++;
      return j >= 0 && t + 120_000 - own[j]![0] <= 4 * 3_600_000 ? own[j]![1] : Number.NaN;
    });
    const have = value.filter((x) => !Number.isNaN(x));
    const changes = have.filter((x, i) => i > 0 && x !== have[i - 1]).length;
    if (have.length < 605 || new Set(have).size <= 20 || changes < 202) continue;
    series.push({ name, at, value });
  }
  return { name: 'parking', unit: 'spaces, every 15 minutes', season: 96, min: 0, series };
}

/** Daily visitors of one scenic spot. */
export function visitors(root: string): Dataset {
  const rows = readFileSync(join(root, 'tourism', 'jiuzhaigou_daily_2020-04_2021-09.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  const points = rows.map((r) => {
    const [date, count] = r.split(',');
    const [y, m, d] = date!.split('/').map(Number);
    return [Date.UTC(y!, m! - 1, d!) - 8 * 3_600_000, Number(count)] as const;
  });
  points.sort((a, b) => a[0] - b[0]);
  const series = [{ name: 'jiuzhaigou', at: points.map((p) => p[0]), value: points.map((p) => p[1]) }];
  return { name: 'visitors', unit: 'people, daily', season: 7, min: 0, series };
}

/** Names and texts of a ZIP archive, from its central directory. */
function* unzip(zip: Buffer): Generator<[string, () => string]> {
  let end = zip.length - 22;
  while (zip.readUInt32LE(end) !== 0x06054b50) end--;
  let at = zip.readUInt32LE(end + 16);
  for (let n = zip.readUInt16LE(end + 10); n > 0; n--) {
    const [name, extra, comment] = [zip.readUInt16LE(at + 28), zip.readUInt16LE(at + 30), zip.readUInt16LE(at + 32)];
    const method = zip.readUInt16LE(at + 10);
    const size = zip.readUInt32LE(at + 20);
    const local = zip.readUInt32LE(at + 42);
    const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    yield [
      zip.toString('utf8', at + 46, at + 46 + name),
      () => {
        const packed = zip.subarray(from, from + size);
        return (method === 0 ? packed : inflateRawSync(packed)).toString('utf8');
      },
    ];
    at += 46 + name + extra + comment;
  }
}
