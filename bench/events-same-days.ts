/** Days with truth for `events-same.ts`: what the city knows of their ground, reports as the hub's door makes them, and how they are judged. */
import { readFileSync } from 'node:fs';
import { assetsOf, type EventReport, groundOf, type LonLat } from '@jingwei/synthcity';
import { parse } from 'yaml';
import { classify, readMatters } from '../hub/src/events/matters.ts';
import { Gazetteer, type HouseNumber, type Place } from '../hub/src/events/same/gazetteer.ts';
import type { Known, Reported } from '../hub/src/events/same/score.ts';

const organisations = new Set(
  (
    parse(readFileSync('cities/cixi/organisations.yaml', 'utf8')) as { organisations: { id: string }[] }
  ).organisations.map((o) => o.id),
);
const { matters, problems } = readMatters('matters', organisations);
if (problems.length) throw problems[0];
const byId = new Map(matters.map((m) => [m.id, m]));

/** House numbers along a road as the city places houses (geography/tables.ts), of every thirty one known. */
function numbersOf(line: readonly LonLat[]): HouseNumber[] {
  const found: HouseNumber[] = [];
  for (let number = 7; number <= 999; number += 31) {
    const along = ((number - 1) * line.length) / 999;
    const cell = Math.floor(along);
    const t = Math.max(0, Math.min(line.length - 1, cell + 0.22 + 0.56 * (along - cell) - 0.5));
    const i = Math.max(0, Math.min(line.length - 2, Math.floor(t)));
    const [a, b] = [line[i]!, line[i + 1] ?? line[i]!];
    found.push([number, a[0] + (t - i) * (b[0] - a[0]), a[1] + (t - i) * (b[1] - a[1])]);
  }
  return found;
}

/**
 * What the city knows of a day's ground: roads with some house numbers, waters, villages, and four of five places (the fifth was never
 * registered); and the catalogue of matters.
 */
export function cityOf(seed: string): Known {
  const g = groundOf(seed);
  const town = (zone: number) => g.towns[zone]!.code;
  const places: Place[] = [
    ...g.roads.map((r) => ({
      name: r.name,
      kind: 'road' as const,
      town: town(r.zone),
      line: r.line,
      numbers: numbersOf(r.line),
    })),
    ...g.rivers.map((r) => ({ name: r.name, kind: 'water' as const, town: null, line: r.line })),
    ...g.villages.map((v) => ({ name: v.name, kind: 'area' as const, town: town(v.zone), line: [v.at] })),
    ...assetsOf(g)
      .filter((_, i) => i % 5 !== 2)
      .map((a) => ({ name: a.name, kind: 'site' as const, town: town(a.zone), line: [a.at] })),
  ];
  return { gazetteer: new Gazetteer(places, g.towns), matters };
}

/** As the hub's door makes it: the class that the channel says, else the one that the words say. */
export function reported(r: EventReport): Reported {
  const said = (r as { matter?: string }).matter;
  const matter = said && byId.has(said) ? said : (classify({ matters }, r.text)?.matter ?? null);
  return {
    ...{
      at: r.at,
      lon: r.place?.[0] ?? null,
      lat: r.place?.[1] ?? null,
      matter,
      group: byId.get(matter ?? '')?.group ?? null,
    },
    ...{ channel: r.channel, text: r.text, address: r.address ?? null },
  };
}

/** How well reports were put together. */
export interface Scores {
  precision: number;
  recall: number;
  joined: number;
  rightlyJoined: number;
}

/** Pairs of reports that are put together, against pairs that belong together. */
export function judge(truth: readonly number[], found: readonly number[]): Scores {
  const pairs = (groups: Map<string | number, number>) =>
    [...groups.values()].reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
  const count = (keys: readonly (string | number)[]) => {
    const map = new Map<string | number, number>();
    for (const k of keys) map.set(k, (map.get(k) ?? 0) + 1);
    return map;
  };
  const both = pairs(count(truth.map((t, i) => `${t}/${found[i]}`)));
  const first = new Map<number, number>();
  let joined = 0;
  let right = 0;
  found.forEach((f, i) => {
    const of = first.get(f);
    if (of === undefined) first.set(f, truth[i]!);
    else {
      joined += 1;
      if (of === truth[i]) right += 1;
    }
  });
  const put = pairs(count(found));
  return { precision: put ? both / put : 1, recall: both / pairs(count(truth)), joined, rightlyJoined: right };
}
