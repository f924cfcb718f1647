/**
 * The register of organisations on a day: what is declared and every act that holds by then. Pure. An organisation's code is
 * for ever; its name, its credit code and whether it is there change by acts.
 */
import type { Bilingual } from '../i18n/index.ts';

/** An organisation as it is declared or founded. `uscc`: unified social credit code. */
export interface Organisation {
  code: string;
  name: Bilingual;
  uscc: string | null;
  kind: string | null;
}

/** What an act does. */
export interface ActSpec {
  /** Organisations that are no more from its day on. */
  ends: string[];
  /** Who answers for what still bears their code; null: nobody. */
  heir: string | null;
  founds: Organisation[];
  rename: { code: string; name: Bilingual; uscc: string | null } | null;
  /** Accounts that do not go to the heir, by login. */
  moves: { login: string; to: string }[];
}

/** An act of the register. `day`: yyyy-mm-dd, the first on which it holds. */
export interface Act {
  id: number;
  day: string;
  spec: ActSpec;
}

/** What an organisation was called from a day to a day (exclusive); null: from the beginning, until further notice. */
export interface Period {
  from: string | null;
  to: string | null;
  name: Bilingual;
  uscc: string | null;
  /** The act that began it. */
  act: number | null;
}

/** An organisation of the register. `to`: the first day on which it is no more. */
export interface Registered extends Organisation {
  from: string | null;
  to: string | null;
  heir: string | null;
  /** The last day on which an act changed it. */
  changed: string | null;
  periods: Period[];
}

export type Register = ReadonlyMap<string, Registered>;

const order = (a: Act, b: Act): number => (a.day === b.day ? a.id - b.id : a.day < b.day ? -1 : 1);

/** The register as the acts that hold on `day` leave it. */
export function registerOn(declared: readonly Organisation[], acts: readonly Act[], day: string): Register {
  const all = new Map<string, Registered>();
  const add = (o: Organisation, from: string | null, act: number | null) =>
    all.set(o.code, {
      ...{ code: o.code, name: o.name, uscc: o.uscc, kind: o.kind, from, to: null, heir: null, changed: from },
      periods: [{ from, to: null, name: o.name, uscc: o.uscc, act }],
    });
  // A founded organisation that was declared later is founded on its day all the same.
  const founded = new Set(acts.flatMap((a) => a.spec.founds.map((o) => o.code)));
  for (const o of declared) if (!founded.has(o.code)) add(o, null, null);
  for (const { id, day: from, spec } of acts.filter((a) => a.day <= day).sort(order)) {
    for (const o of spec.founds) if (!all.has(o.code)) add(o, from, id);
    const renamed = spec.rename && all.get(spec.rename.code);
    if (renamed && spec.rename && renamed.to === null) {
      renamed.periods.at(-1)!.to = from;
      renamed.name = spec.rename.name;
      renamed.uscc = spec.rename.uscc ?? renamed.uscc;
      renamed.changed = from;
      renamed.periods.push({ from, to: null, name: renamed.name, uscc: renamed.uscc, act: id });
    }
    for (const code of spec.ends) {
      const ended = all.get(code);
      if (!ended || ended.to !== null) continue;
      ended.to = from;
      ended.heir = spec.heir;
      ended.changed = from;
      ended.periods.at(-1)!.to = from;
    }
  }
  return all;
}

/** The organisation that answers for a code: itself while it is there, else its successor's successor; null: nobody, or unknown. */
export function currentOrganisation(register: Register, code: string): string | null {
  const seen = new Set<string>();
  let at: string | null = code;
  while (at !== null && !seen.has(at)) {
    const one: Registered | undefined = register.get(at);
    if (!one) return null;
    if (one.to === null) return at;
    seen.add(at);
    at = one.heir;
  }
  return null;
}

/** Every organisation that is no more, and who answers for it now. */
export const successions = (register: Register): { former: string; heir: string | null; since: string }[] =>
  [...register.values()]
    .filter((o) => o.to !== null)
    .map((o) => ({ former: o.code, heir: currentOrganisation(register, o.code), since: o.to! }));

/** What stands against an act, as the register is on the eve of it; the first fault, or null. */
export function faultOf(register: Register, day: string, spec: ActSpec): Fault | null {
  const founds = new Set(spec.founds.map((o) => o.code));
  const alive = (code: string): boolean => founds.has(code) || register.get(code)?.to === null;
  const touched = [...spec.ends, ...(spec.rename ? [spec.rename.code] : []), ...(spec.heir ? [spec.heir] : [])];
  for (const code of [...touched, ...spec.moves.map((m) => m.to)]) {
    if (!founds.has(code) && !register.has(code)) return { fault: 'unknown', code };
    if (!alive(code)) return { fault: 'ended', code };
  }
  for (const { code } of spec.founds) if (register.has(code)) return { fault: 'taken', code };
  if (founds.size !== spec.founds.length) return { fault: 'taken', code: spec.founds[0]!.code };
  if (spec.heir !== null && spec.ends.includes(spec.heir)) return { fault: 'heir', code: spec.heir };
  for (const m of spec.moves) if (spec.ends.includes(m.to)) return { fault: 'heir', code: m.to };
  // History is told once: an act does not slip in before another of the same organisation.
  for (const code of touched) {
    const changed = register.get(code)?.changed;
    if (changed && changed > day) return { fault: 'order', code };
  }
  return null;
}
export interface Fault {
  fault: 'unknown' | 'ended' | 'taken' | 'heir' | 'order';
  code: string;
}
