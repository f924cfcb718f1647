/** The candidates at one place of a text: divisions, names by their endings, names without, numbers, words of position, remarks. */

import { DIGIT, LETTER, NUMERAL } from '../characters.ts';
import { LABELS, type Label } from '../labels.ts';
import type { Entry } from './lexicon.ts';
import { NO_UNIT, numberRecord, readNumber } from './numbers.ts';
import { NATURAL, NOTHING, type Scan } from './scan.ts';
import { LENGTHS, lengthWeight, UNITS } from './weights.ts';
import {
  ASSIST,
  COMMUNITY,
  COUNTRY,
  COUNTY,
  DIVISION,
  LINK,
  PART,
  POI,
  REMARK,
  ROAD,
  SUBPOI,
  TOWN,
  ZONE,
} from './words.ts';

/** Where candidates go; see `Decoder`. */
export interface Sink {
  add(end: number, label: number, weight: number, entry?: Entry): void;
  addDivision(end: number, label: number, weight: number, entry: Entry): void;
  skip(end: number, weight: number): void;
}

const label = (name: Label): number => LABELS.indexOf(name);
const PROVINCE = label('province');
const CITY = label('city');
const DISTRICT = label('district');
const L_ZONE = label('devzone');
const L_TOWN = label('town');
const L_COMMUNITY = label('community');
const L_ROAD = label('road');
const ROADNO = label('roadno');
const SUBROAD = label('subroad');
const SUBROADNO = label('subroadno');
const L_POI = label('poi');
const L_SUBPOI = label('subpoi');
const HOUSENO = label('houseno');
const CELLNO = label('cellno');
const FLOORNO = label('floorno');
const ROOMNO = label('roomno');
const PERSON = label('person');
const L_ASSIST = label('assist');
const L_COUNTRY = label('country');

/** The longest name in characters. */
const LONGEST = 24;
/** How far repetitions are looked for. */
const FAR = 200;
/** A weight that no transition makes up for: such candidates are left out (points of interest stay, so that everything can be read). */
const HOPELESS = -7;
/** Kinds of endings of places. */
const PLACES = (1 << ROAD) | (1 << TOWN) | (1 << COMMUNITY) | (1 << COUNTY) | (1 << ZONE);

/** Everything that may stand at place `i`. */
export function propose(sink: Sink, scan: Scan, i: number): void {
  words(sink, scan, i);
  numbers(sink, scan, i);
  names(sink, scan, i);
  bareTowns(sink, scan, i);
}

/** Does a division with this stem come again from `from`? Then the earlier mention says nothing; of the same name twice running the second. */
function comesAgain(scan: Scan, from: number, entry: Entry): boolean {
  if (entry.whole) {
    for (let at = scan.first[from]!; at >= 0; at = scan.next[at]!) if (scan.entry[at] === entry) return false;
  }
  for (let i = from; i < Math.min(scan.n, from + FAR); i++) {
    for (let at = scan.first[i]!; at >= 0; at = scan.next[at]!) {
      const other = scan.entry[at]!;
      if (other.kind !== DIVISION || other.stem !== entry.stem) continue;
      if (
        entry.whole
          ? other.whole && other.level === entry.level
          : other.level <= entry.level + 2 && (other.whole || i === from)
      )
        return true;
    }
  }
  return false;
}

/** Was a division with this stem named before `to`? */
function cameBefore(scan: Scan, to: number, entry: Entry): boolean {
  for (let i = Math.max(0, to - FAR); i < to; i++) {
    for (let at = scan.first[i]!; at >= 0; at = scan.next[at]!) {
      const other = scan.entry[at]!;
      if (other.kind === DIVISION && other.stem === entry.stem && scan.ends[at]! <= to) return true;
    }
  }
  return false;
}

/** Does a province or a city begin here, behind a separator or not? */
function divisionAt(scan: Scan, from: number): boolean {
  const start = from < scan.n && scan.classes[from]! > NUMERAL ? from + 1 : from;
  for (let at = scan.first[start]!; at >= 0; at = scan.next[at]!) {
    const entry = scan.entry[at]!;
    if (entry.kind === DIVISION && (entry.level === PROVINCE || (entry.level === CITY && entry.whole))) return true;
  }
  return false;
}

function words(sink: Sink, scan: Scan, i: number): void {
  for (let at = scan.first[i]!; at >= 0; at = scan.next[at]!) {
    const entry = scan.entry[at]!;
    const end = scan.ends[at]!;
    switch (entry.kind) {
      case DIVISION: {
        let weight = entry.weight;
        if (!entry.whole && end < scan.n && scan.endingStartsAt(end)) weight -= 8;
        else if (!entry.whole && nameGoesOn(scan, end)) weight -= 6.5;
        sink.addDivision(end, entry.level, weight, entry);
        if (entry.level === PROVINCE || entry.level === CITY || entry.level === DISTRICT) {
          const again = comesAgain(scan, end, entry);
          sink.skip(
            end,
            weight - (again ? (entry.whole ? 0.4 : 0) : cameBefore(scan, i, entry) ? (entry.whole ? 1 : 10) : 10) - 1,
          );
        }
        break;
      }
      case ASSIST:
        sink.add(end, L_ASSIST, assistWeight(scan, i, end, entry.weight));
        break;
      case LINK:
        sink.add(end, L_ASSIST, entry.weight - 2.5);
        sink.skip(end, entry.weight - 7);
        break;
      case REMARK:
        sink.skip(end, entry.weight - (end - i === 1 ? (end === scan.limits[i] ? 6 : 12) : 1));
        break;
      case PART:
        sink.add(end, L_SUBPOI, entry.weight + 1.5);
        sink.add(end, PERSON, entry.weight - 0.5);
        break;
      case COUNTRY:
        sink.add(end, L_COUNTRY, entry.weight);
        break;
      default:
    }
  }
}

/** True when an ending of one character follows at once: 慈溪|路, 宁波|村 are one name. */
function nameGoesOn(scan: Scan, end: number): boolean {
  if (end >= scan.n) return false;
  const next = end + 1;
  for (const kind of [TOWN, COMMUNITY, ROAD, COUNTY]) {
    const at = kind * scan.stride + next;
    if (scan.weights[at]! > 3 && scan.lengths[at] === 1) return true;
  }
  return false;
}

/** A single character of position (东, 口) counts for little unless a separator or a number follows. */
function assistWeight(scan: Scan, i: number, end: number, weight: number): number {
  if (end - i > 1) return weight;
  const closed = end === scan.limits[i] || scan.classes[end] === DIGIT;
  const afterRoad = scan.codes[i] === MOUTH && scan.ending(ROAD, i) > 3;
  return closed || afterRoad ? weight - 0.5 : weight - 4.5;
}

const MOUTH = '口'.charCodeAt(0);
const here = numberRecord();

function numbers(sink: Sink, scan: Scan, i: number): void {
  const { codes, classes, n } = scan;
  const kind = classes[i]!;
  if ((kind === DIGIT || kind === LETTER) && i > 0 && classes[i - 1] === kind) return;
  if (kind === DIGIT || kind === LETTER) {
    let run = i + 1;
    while (run < n && classes[run] === kind) run++;
    // Telephone numbers, and whatever else nothing in an address is as long as.
    if (run - i >= 7) sink.skip(run, 0);
  }
  if (!readNumber(codes, n, i, here)) return;
  const { bareEnd, end, unit, joinedEnd, joinedUnit, joinedUnitEnd, arabic, length, letters } = here;
  if (unit !== NO_UNIT) {
    const weights = UNITS[unit]!;
    const known = arabic ? 3 : 2.4;
    // 5号库, 2号路: the unit is part of a name.
    const inName = unit === 1 && partOfName(scan, end) ? -1 : 0;
    for (let to = 0; to < weights.length; to++) {
      const weight = weights[to]!;
      // 3幢16号 is an entrance, 3幢1604号 a room.
      const short = unit === 1 && to === CELLNO && length <= 2 ? 2.3 : 0;
      if (weight > NOTHING) sink.add(end, to, weight + known + inName + short);
    }
    if (unit === 4 && letters) sink.add(end, L_ASSIST, -4);
  }
  if (joinedEnd > 0) {
    if (joinedUnit !== NO_UNIT) {
      const weights = UNITS[joinedUnit]!;
      for (const to of [ROADNO, SUBROADNO, HOUSENO, CELLNO, FLOORNO, ROOMNO]) {
        const weight = weights[to]!;
        if (weight <= NOTHING) continue;
        sink.add(joinedUnitEnd, to, weight + 2 - (to === ROADNO || to === SUBROADNO ? 0 : 1.5));
      }
    } else {
      sink.add(joinedEnd, ROADNO, -3);
      sink.add(joinedEnd, SUBROADNO, -3);
      sink.add(joinedEnd, ROOMNO, -4);
    }
  }
  if (arabic && (unit === NO_UNIT || bareEnd < end)) {
    const weights = UNITS[NO_UNIT]!;
    const next = bareEnd < n ? classes[bareEnd]! : 99;
    const followed = next === 0 || next === NUMERAL ? -2.6 : 0;
    const lettersOnly = letters && length > 2 ? -3 : 0;
    for (const to of [ROADNO, SUBROADNO, HOUSENO, CELLNO, ROOMNO, FLOORNO]) {
      let weight = weights[to]! + followed + lettersOnly + 1.6;
      if (unit !== NO_UNIT) weight -= 7;
      if (to === HOUSENO) weight += length > 3 ? -3.5 : length === 3 ? -1 : 0;
      else if (to === CELLNO) weight += length > 2 ? -3.5 : 0;
      else if (to === ROOMNO) weight += length < 3 ? -1.6 : 0;
      sink.add(bareEnd, to, weight);
    }
    if (unit === NO_UNIT) sink.skip(bareEnd, -6);
  }
}

/** True when a character that ends names of points of interest or roads stands right behind a unit. */
function partOfName(scan: Scan, end: number): boolean {
  if (end >= scan.n) return false;
  return scan.ending(POI, end + 1) > 3 || scan.ending(ROAD, end + 1) > 3;
}

function names(sink: Sink, scan: Scan, i: number): void {
  const { classes, codes, stride, weights, lengths, masks } = scan;
  const first = classes[i]!;
  if ((first === DIGIT || first === LETTER) && i > 0 && classes[i - 1] === first) return;
  // A name seldom begins with 村, 镇 or 路: those end the name before.
  const badStart = first === DIGIT ? 2.4 : first === LETTER ? 1 : nameGoesOn(scan, i) ? 1.5 : 0;
  // 三楼, 2幢 are no names, and few names begin so.
  const numberEnd = readNumber(codes, scan.n, i, here) && here.unit >= 4 ? here.end : 0;
  const limit = Math.min(scan.limits[i]!, i + LONGEST);
  const stop = scan.limits[i]!;
  for (let end = i + 1; end <= limit; end++) {
    const mask = masks[end]!;
    if (mask === 0) continue;
    const length = end - i;
    // A pair of code units is one character.
    if (end < scan.n && (codes[end]! & 0xfc00) === 0xdc00) continue;
    const digits = scan.digitRuns(i, end);
    const latin = scan.letterRuns(i, end);
    const numbered = digits * 2.2 + latin * 0.8 + badStart;
    const at = end;
    if ((mask & PLACES) !== 0 && length >= 2 && length <= 12) {
      const road = weights[ROAD * stride + at]!;
      if (road > NOTHING && (length > lengths[ROAD * stride + at]! || road < 4)) {
        const own = lengths[ROAD * stride + at]!;
        const weight =
          road +
          lengthWeight(LENGTHS.road, length) -
          scan.placesInside(i, end, own) -
          scan.poisInside(i, end, own) -
          digits * 1.2 -
          latin * 1.2 -
          (first === DIGIT ? 0.6 : 0);
        if (weight > HOPELESS) {
          sink.add(end, L_ROAD, weight);
          sink.add(end, SUBROAD, weight);
        }
      }
      const town = weights[TOWN * stride + at]!;
      if (town > NOTHING && length > lengths[TOWN * stride + at]!) {
        const own = lengths[TOWN * stride + at]!;
        const table = own > 1 ? LENGTHS.street : LENGTHS.town;
        const weight =
          town +
          lengthWeight(table, length) -
          scan.placesInside(i, end, own) -
          scan.poisInside(i, end, own) -
          numbered * 2;
        if (weight > HOPELESS) sink.add(end, L_TOWN, weight);
        // 北湖街道 广西 南宁市 …: what stands before the province says nothing.
        if (i === 0 && divisionAt(scan, end)) sink.skip(end, weight);
      }
      const community = weights[COMMUNITY * stride + at]!;
      if (community > NOTHING && length > lengths[COMMUNITY * stride + at]!) {
        const own = lengths[COMMUNITY * stride + at]!;
        const stem = length - own;
        sink.add(
          end,
          L_COMMUNITY,
          community +
            lengthWeight(LENGTHS.community, stem + 1) -
            scan.placesInside(i, end, own) -
            scan.poisInside(i, end, own) -
            numbered * 1.4,
        );
      }
      const county = weights[COUNTY * stride + at]!;
      if (
        county > NOTHING &&
        length > lengths[COUNTY * stride + at]! &&
        length <= 8 &&
        lengths[POI * stride + at]! <= lengths[COUNTY * stride + at]! &&
        lengths[ZONE * stride + at]! <= lengths[COUNTY * stride + at]!
      ) {
        const own = lengths[COUNTY * stride + at]!;
        const weight =
          county + lengthWeight(LENGTHS.county, length) - scan.placesInside(i, end, own) * 1.5 - numbered * 3;
        sink.add(end, DISTRICT, weight);
        sink.add(end, CITY, weight - 3);
      }
      const zone = weights[ZONE * stride + at]!;
      if (zone > NOTHING) {
        const own = lengths[ZONE * stride + at]!;
        sink.add(
          end,
          L_ZONE,
          zone + lengthWeight(LENGTHS.zone, length) - scan.placesInside(i, end, own) * 0.7 - numbered,
        );
      }
    }
    if (end > numberEnd && (mask & (NATURAL | (1 << POI))) !== 0)
      poi(sink, scan, i, end, numbered + (numberEnd > 0 ? 1.5 : 0), stop);
  }
  const close = scan.brackets[stop]!;
  if (close > 0 && stop > i && close - i <= LONGEST) {
    // 惠民超市(富阳店): a branch in brackets belongs to the name.
    const inside = close - 1;
    const branch = scan.ending(POI, inside) > 3 || scan.ending(SUBPOI, inside) > 2;
    const weight = Math.max(scan.ending(POI, stop), 0) * 0.5 - (branch ? 0 : 3.5) - 2;
    sink.add(close, L_POI, weight);
    sink.add(close, PERSON, weight);
  }
}

function poi(sink: Sink, scan: Scan, i: number, end: number, numbered: number, stop: number): void {
  const { stride, weights, lengths } = scan;
  const length = end - i;
  const at = POI * stride + end;
  const ending = weights[at]!;
  const natural = (scan.masks[end]! & NATURAL) !== 0;
  const has = ending > NOTHING && (length > lengths[at]! || ending > 6);
  if (!has && !natural) return;
  const own = has ? lengths[at]! : 0;
  const against = scan.placesInside(i, end, own) * 0.8 + scan.poisInside(i, end, own) + numbered;
  const bareEnding = has && length === own ? 2 : 0;
  const gain = has ? ending * 0.75 - (natural ? 0 : 1.2) - bareEnding : -1.2;
  const weight = gain - against;
  sink.add(end, L_POI, weight + lengthWeight(LENGTHS.poi, length));
  const part = weights[SUBPOI * stride + end]!;
  const inside = weight + lengthWeight(LENGTHS.part, length);
  if (inside > HOPELESS) sink.add(end, L_SUBPOI, inside + (part > NOTHING && natural ? 1 : 0));
  if (natural) {
    if (inside > HOPELESS) sink.add(end, PERSON, inside);
    // Villages and towns are often named without 村 and 镇.
    if (!has && length <= 4) {
      const bare = -against * 1.5;
      if (end < stop) sink.add(end, L_ROAD, lengthWeight(LENGTHS.bareRoad, length) + bare);
      sink.add(end, L_COMMUNITY, lengthWeight(LENGTHS.bareCommunity, length) + bare);
    }
  }
}

/** Bare names of towns: two or three characters before the name of a road, village or point of interest. */
function bareTowns(sink: Sink, scan: Scan, i: number): void {
  for (let length = 2; length <= 3; length++) {
    const end = i + length;
    if (end > scan.limits[i]!) return;
    if (scan.endingStartsAt(end) || nameGoesOn(scan, end)) continue;
    if (scan.digitRuns(i, end) + scan.letterRuns(i, end) > 0) continue;
    const against = scan.placesInside(i, end, 0) * 2;
    sink.add(end, L_TOWN, lengthWeight(LENGTHS.bareTown, length) - against);
  }
}
