/** Canonical addresses: every label once, divisions completed from below and brought to today's names, one text for all writings. */

import { currentDivision, type Division, divisionAt, divisionPath, findDivisions, stemOf } from '@jingwei/codes';
import { AddressError } from './errors.ts';
import { type Element, LABELS, type Label } from './labels.ts';
import { elementValue } from './values.ts';

/** Canonical values by label; `subpoi` and `person` may have several, joined by a space. */
export type Parts = Partial<Record<Label, string>>;

/** A canonical address. */
export interface NormalAddress {
  parts: Parts;
  /** All parts from large to small in one text, without what says nothing of the place. */
  text: string;
  /** Code of the smallest division that is known for certain (nine digits for a town, six above), undefined when none is. */
  division?: string;
  /** What was changed or completed: `completed` a division above that was not written, `renamed` an old name, `alias` a shorter name. */
  changes: { kind: 'completed' | 'renamed' | 'alias'; label: Label; from: string; to: string }[];
}

/** Options of {@link normalise}. */
export interface NormaliseOptions {
  /** Leading digits of the code within which names without their parents are looked for: `3302` for a city of Ningbo. */
  within?: string;
}

const SILENT = new Set<Label>(['redundant', 'assist', 'otherinfo', 'country']);
const LEVELS: readonly (readonly [Label, Division['level']])[] = [
  ['province', 'province'],
  ['city', 'city'],
  ['district', 'county'],
  ['town', 'town'],
];
const MUNICIPAL = /^(11|12|31|50)/;

const found = new Map<string, readonly Division[]>();

/** The divisions that bear a name at a level, those in force first. */
function candidates(name: string, level: Division['level']): readonly Division[] {
  const key = `${level}${name}`;
  let list = found.get(key);
  if (!list) {
    list = findDivisions(name).filter(
      (one) =>
        !one.collective &&
        (one.level === level || (level === 'city' && one.level === 'province' && MUNICIPAL.test(one.code))),
    );
    if (found.size > 20_000) found.clear();
    found.set(key, list);
  }
  return list;
}

function isWithin(code: string, outer: string): boolean {
  return code.startsWith(outer.replace(/(?:00){1,2}$/, ''));
}

/** The smallest division that the written names agree on. */
function smallest(parts: Parts, within: string | undefined): { division: Division; label: Label } | undefined {
  let known: { division: Division; label: Label } | undefined;
  for (const [label, level] of [...LEVELS].reverse()) {
    const name = parts[label];
    if (name === undefined) continue;
    let list = candidates(name, level);
    if (within !== undefined) {
      const inside = list.filter((one) => isWithin(one.code, within));
      if (inside.length > 0) list = inside;
    }
    for (const [upper, upperLevel] of LEVELS) {
      if (upper === label) break;
      const above = parts[upper];
      if (above === undefined) continue;
      const codes = candidates(above, upperLevel).map((one) => one.code);
      const inside = list.filter((one) => codes.some((code) => isWithin(one.code, code)));
      if (inside.length > 0) list = inside;
    }
    const current = list.filter((one) => one.to === undefined);
    const today = new Map<string, Division>();
    for (const one of current.length > 0 ? current : list) {
      const now = one.code.length === 6 ? currentDivision(one.code) : one;
      if (now) today.set(now.code, now);
    }
    if (today.size === 1) {
      known = { division: [...today.values()][0]!, label };
      break;
    }
  }
  return known;
}

/**
 * Brings elements to a canonical address. Where several elements bear one label, the last is kept (the first says nothing in practice); sub
 * points of interest are joined. Divisions above the smallest known one are completed and old names replaced by today's, with what was
 * done in `changes`; nothing is completed where the names leave several possibilities. Idempotent: see {@link normaliseParts}.
 */
export function normalise(elements: readonly Element[], options: NormaliseOptions = {}): NormalAddress {
  const parts: Parts = {};
  let last = 0;
  for (const one of elements) {
    if (one.start < last) throw new AddressError('addresses.elements');
    last = one.end;
    if (SILENT.has(one.label)) continue;
    const value = elementValue(one.label, one.text);
    if (value === '') continue;
    const before = parts[one.label];
    parts[one.label] =
      before !== undefined && (one.label === 'subpoi' || one.label === 'person') ? before + value : value;
  }
  // A lane with its number is written both ways: 12弄5号 as a side road or as the number on the road with a building.
  if (parts.subroad !== undefined && /^\d+弄$/.test(parts.subroad) && parts.roadno === undefined) {
    parts.roadno = parts.subroad;
    delete parts.subroad;
    if (parts.subroadno !== undefined) {
      if (parts.houseno === undefined) parts.houseno = parts.subroadno.replace(/号$/, '幢');
      delete parts.subroadno;
    }
  }
  // A building's number that was taken for the end of an estate's name.
  const house = /^(.{2,}?)([0-9]{1,3}|[一二三四五六七八九十]{1,3})(?:号楼|幢|栋)$/.exec(parts.poi ?? '');
  if (house && parts.houseno === undefined) {
    parts.poi = house[1]!;
    parts.houseno = elementValue('houseno', `${house[2]}幢`);
  }
  return complete(parts, options);
}

/** The same for parts: `normaliseParts(normalise(elements).parts).parts` is `normalise(elements).parts`. */
export function normaliseParts(parts: Parts, options: NormaliseOptions = {}): NormalAddress {
  const elements: Element[] = [];
  let start = 0;
  for (const label of LABELS) {
    const text = parts[label];
    if (text === undefined) continue;
    elements.push({ label, text, start, end: start + text.length, value: text, confidence: 1 });
    start += text.length;
  }
  return normalise(elements, options);
}

function complete(parts: Parts, options: NormaliseOptions): NormalAddress {
  const changes: NormalAddress['changes'] = [];
  const known = smallest(parts, options.within);
  if (known) {
    for (const one of divisionPath(known.division.code)) {
      const municipality = one.level === 'province' && MUNICIPAL.test(one.code);
      const label = municipality ? 'city' : LEVELS.find(([, level]) => level === one.level)![0];
      const written = parts[label];
      if (written === one.name) continue;
      if (written !== undefined && label !== known.label && !sameDivision(written, one)) {
        const other = candidates(written, one.level);
        // A written name that contradicts is kept: nobody is corrected silently.
        if (other.length > 0 && !other.some((o) => o.code === one.code)) continue;
      }
      changes.push({
        kind: written === undefined ? 'completed' : sameDivision(written, one) ? 'alias' : 'renamed',
        label,
        from: written ?? '',
        to: one.name,
      });
      parts[label] = one.name;
    }
  }
  const ordered: Parts = {};
  for (const label of LABELS) if (parts[label] !== undefined) ordered[label] = parts[label];
  return {
    parts: ordered,
    text: Object.values(ordered).join(''),
    ...(known ? { division: known.division.code } : {}),
    changes,
  };
}

function sameDivision(written: string, division: Division): boolean {
  return stemOf(written) === stemOf(division.name) && divisionAt(division.code) !== undefined;
}
