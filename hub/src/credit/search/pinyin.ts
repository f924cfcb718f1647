/**
 * Pinyin for search. Each character that occurs in the index has all its readings (重: zhong, chong), so a query in
 * letters becomes a row of sets of characters; no text is stored twice. Where a character has several readings, the
 * reading that the context asks for (pinyin-pro's phrases and surnames) decides the order of hits.
 */
import { pinyin, polyphonic } from 'pinyin-pro';

/** One place of a pattern: a single unit, or a set of units. */
export interface Place {
  one: number;
  /** Membership by unit, and the units themselves; null for a single unit. */
  set: { has: Uint8Array; units: number[] } | null;
  /** For a set made of pinyin: the letters, and whether they are a whole syllable. */
  letters: string;
  whole: boolean;
}

/** A place that is exactly one unit. */
export const unitPlace = (unit: number): Place => ({ one: unit, set: null, letters: '', whole: true });

/** A reading of a query: its places, and how it was read. */
export interface PinyinPattern {
  places: Place[];
  kind: 'pinyin' | 'mixed' | 'initials';
}

/** `ü` as typed on a keyboard. */
const typed = (reading: string) => reading.replaceAll('ü', 'v');

/** The readings of the characters seen so far. */
export class Pinyin {
  readonly #readings = new Map<number, string[]>();
  readonly #bySyllable = new Map<string, number[]>();
  readonly #sets = new Map<string, Place>();
  readonly #context = new Map<string, string[]>();

  /** Takes in the units of a text pool (a flag per unit); characters already known cost nothing. */
  learn(seen: Uint8Array): void {
    const fresh: number[] = [];
    for (let unit = 1; unit < seen.length; unit++) if (seen[unit] && !this.#readings.has(unit)) fresh.push(unit);
    if (fresh.length === 0) return;
    this.#sets.clear();
    const han = fresh.filter((u) => u >= 0x3400 && u <= 0x9fff);
    const answers = polyphonic(String.fromCharCode(...han), { toneType: 'none', type: 'array' }) as (
      | string
      | string[]
    )[];
    han.forEach((unit, i) => {
      const all = answers[i] ?? [];
      const list = (Array.isArray(all) ? all : all.split(' ')).filter((r) => /^[a-zü]+$/.test(r));
      this.#add(unit, [...new Set(list.flatMap((r) => (r.includes('ü') ? [typed(r), r.replaceAll('ü', 'u')] : [r])))]);
    });
    // A Latin letter or a digit reads as itself, so that TCL电子 answers to tcldz.
    for (const unit of fresh) {
      if ((unit >= 0x41 && unit <= 0x5a) || (unit >= 0x30 && unit <= 0x39)) {
        this.#add(unit, [String.fromCharCode(unit).toLowerCase()]);
      } else if (!this.#readings.has(unit)) this.#readings.set(unit, []);
    }
  }

  #add(unit: number, readings: string[]): void {
    this.#readings.set(unit, readings);
    for (const reading of readings) {
      const list = this.#bySyllable.get(reading);
      if (list) list.push(unit);
      else this.#bySyllable.set(reading, [unit]);
    }
  }

  /** Characters read as this syllable, or (not whole) as one that begins so. */
  place(letters: string, whole: boolean): Place {
    const key = (whole ? '=' : '^') + letters;
    let place = this.#sets.get(key);
    if (!place) {
      const units = new Set<number>();
      if (whole) for (const u of this.#bySyllable.get(letters) ?? []) units.add(u);
      else
        for (const [syllable, list] of this.#bySyllable) {
          if (syllable.startsWith(letters)) for (const u of list) units.add(u);
        }
      const has = new Uint8Array(65536);
      for (const u of units) has[u] = 1;
      place = { one: 0, set: { has, units: [...units].sort((a, b) => a - b) }, letters, whole };
      if (this.#sets.size > 600) this.#sets.clear();
      this.#sets.set(key, place);
    }
    return place;
  }

  /**
   * The ways to read letters: whole syllables (the last may be unfinished), syllables mixed with initials, initials
   * alone. At most 16, whole readings first.
   */
  patterns(letters: string): PinyinPattern[] {
    const found = new Map<string, PinyinPattern>();
    const put = (parts: [string, boolean][]) => {
      const key = parts.map(([s, w]) => (w ? s : `${s}-`)).join(' ');
      if (found.has(key) || parts.length === 0) return;
      const cut = parts.filter(([, whole]) => !whole).length;
      const onlyLastCut = cut === 1 && !parts.at(-1)![1] && parts.at(-1)![0].length > 1;
      const kind = cut === 0 || onlyLastCut ? 'pinyin' : parts.every(([s]) => s.length === 1) ? 'initials' : 'mixed';
      found.set(key, { kind, places: parts.map(([s, w]) => this.place(s, w)) });
    };
    this.#split(letters, 0, [], 0, 8, put);
    if (found.size < 4) this.#split(letters, 0, [], Math.ceil(letters.length / 2), 14, put);
    if (letters.length <= 20) put([...letters].map((c) => [c, false]));
    const order = { pinyin: 0, mixed: 1, initials: 2 };
    return [...found.values()]
      .sort((a, b) => order[a.kind] - order[b.kind] || a.places.length - b.places.length)
      .slice(0, 16);
  }

  #split(
    letters: string,
    at: number,
    parts: [string, boolean][],
    initials: number,
    room: number,
    put: (parts: [string, boolean][]) => void,
  ): number {
    if (room <= 0) return 0;
    if (at === letters.length) {
      put([...parts]);
      return 1;
    }
    let used = 0;
    const rest = letters.slice(at);
    for (let n = Math.min(6, rest.length); n >= 1; n--) {
      const part = rest.slice(0, n);
      const whole = this.#bySyllable.has(part) && !(n === 1 && !/[aoe]/.test(part));
      const last = n === rest.length && n > 1 && !whole && this.place(part, false).set!.units.length > 0;
      if (!whole && !last) continue;
      parts.push([part, whole]);
      used += this.#split(letters, at + n, parts, initials, room - used, put);
      parts.pop();
    }
    if (initials > 0 && /[^iuv]/.test(rest[0]!)) {
      parts.push([rest[0]!, false]);
      used += this.#split(letters, at + 1, parts, initials - 1, room - used, put);
      parts.pop();
    }
    return used;
  }

  /** Whether the readings that context gives the characters of `name` from `start` on are those of the pattern. */
  readsAs(name: string, start: number, places: readonly Place[], surname: boolean): boolean {
    const ambiguous = places.some((p, i) => p.set && (this.#readings.get(name.charCodeAt(start + i))?.length ?? 0) > 1);
    if (!ambiguous) return true;
    const key = (surname ? '!' : '') + name;
    let readings = this.#context.get(key);
    if (!readings) {
      readings = pinyin(name, { toneType: 'none', type: 'array', surname: surname ? 'head' : 'off' });
      if (this.#context.size > 5000) this.#context.clear();
      this.#context.set(key, readings);
    }
    return places.every((p, i) => {
      if (!p.set) return true;
      const reading = (readings[start + i] ?? '').toLowerCase();
      const forms = [typed(reading), reading.replaceAll('ü', 'u')];
      return forms.some((r) => (p.whole ? r === p.letters : r.startsWith(p.letters)));
    });
  }
}
