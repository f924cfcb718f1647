/** The check before opening (开放前审查): everything that stands against publishing what a plan makes, with what would mend it. */
import { emptyCondition, namesLaw } from '../../catalogue/index.ts';
import { ident, type LakeSession } from '../../platform/lake/index.ts';
import type { Deps } from '../../platform/room.ts';
import { formatOf, type SharedEntry, typeOf } from '../../sharing/index.ts';
import { type Built, build, CELLS, type EarlierCells, groupKey, suggestedQuasi, waysOf } from '../build.ts';
import { COMPARED, type EditionRow, tableOf } from '../editions.ts';
import { shownSql } from '../generalise.ts';
import { columnType, type Plan, type ShownAs } from '../plan.ts';
import { fewChanged, poorGroups, uniqueness } from './anonymity.ts';
import { type Finding, finding, type Mend } from './findings.ts';
import { scanColumns } from './scan.ts';

/** What the check is given. */
export interface Examined {
  plan: Plan;
  shared: SharedEntry & { source: string };
  /** Editions that told something before, the newest first. */
  earlier: readonly EditionRow[];
  /** Titles of other open datasets of the same entry. */
  siblings: readonly { zh: string; en: string }[];
  /** Findings that the authority lets pass: some change what is made. */
  overruled: ReadonlySet<string>;
  /** The configured least group. */
  leastGroup: number;
}

/** What the check says; the rows are in temporary table `out`. */
export interface Verdict {
  findings: Finding[];
  built: Built;
  facts: {
    rows: number;
    columns: number;
    k: number;
    quasi: string[];
    kind: 'rows' | 'counts';
    about: 'people' | 'named' | 'unnamed';
  };
}

type Ports = Pick<Deps, 'db' | 'lake'>;

/** Titles of items. */
const titles = (shared: SharedEntry) => (item: string) =>
  shared.items.find((i) => i.name === item)?.title ?? { zh: item, en: item };

/** What can be said without looking at any value. */
export function examineEntry(ports: Ports, { plan: p, shared }: Pick<Examined, 'plan' | 'shared'>): Finding[] {
  const out: Finding[] = [];
  const add = (...[code, given]: [Parameters<typeof finding>[0], Parameters<typeof finding>[1]?]) =>
    void out.push(finding(code, given ?? {}, titles(shared)));
  const { entry } = shared;
  const said = { core: { zh: '核心', en: 'core' }, important: { zh: '重要', en: 'important' } };
  if (entry.level !== 'general') add('level', { params: { level: said[entry.level] } });
  if (entry.sharing.type === 'refused') add('refused');
  if (!entry.open.open) add('not-open');
  const { condition } = entry.open;
  if (condition && !emptyCondition(condition) && !p.condition) add('condition', { params: { condition } });
  if (!namesLaw(p.ground)) add('ground');
  for (const i of p.items) {
    const item = shared.items.find((x) => x.name === i.item);
    if (!item) {
      add('gone', { items: [i.item], mends: [{ kind: 'drop', item: i.item }] });
      continue;
    }
    if (i.as.kind === 'present') continue;
    const mends = mendsOf(ports, shared, i.item, i.as);
    // A vault's token has no months, towns or bands: only whether it is there may be told.
    if (item.protection === 'sensitive')
      add('item-sensitive', { items: [i.item], mends: [{ kind: 'drop', item: i.item }, present(i.item)] });
    else if (item.protection === 'personal' && i.as.kind === 'plain') add('item-personal', { items: [i.item], mends });
    else if (item.protection === 'internal' && i.as.kind === 'plain') add('item-internal', { items: [i.item], mends });
  }
  return out;
}

const present = (item: string): Mend => ({ kind: 'show', item, as: { kind: 'present' } });

/** What would make an item tell less: coarser ways than its own, then to drop it. */
function mendsOf(ports: Ports, shared: SharedEntry & { source: string }, item: string, now: ShownAs): Mend[] {
  const format = formatOf(ports, shared.source, item);
  const ways = waysOf(columnType(typeOf(ports, shared.source, item)), format);
  const at = ways.findIndex(
    (w) => w.kind === now.kind && (w.kind !== 'band' || w.width === (now as { width: number }).width),
  );
  const coarser = ways.slice(Math.max(0, at) + 1).filter((w) => w.kind !== 'present');
  return [...coarser.map((as): Mend => ({ kind: 'show', item, as })), { kind: 'drop', item }];
}

/** Makes `out` and judges it. */
export async function examine(s: LakeSession, ports: Ports, given: Examined, signal?: AbortSignal): Promise<Verdict> {
  const { plan: wanted, shared } = given;
  const findings = examineEntry(ports, given);
  // Items that the entry lost are said; the rest is made without them.
  const known = new Set(shared.items.map((i) => i.name));
  const p: Plan = { ...wanted, items: wanted.items.filter((i) => known.has(i.item)) };
  const k = Math.max(given.leastGroup, p.k ?? 0);
  const about = aboutOf(p, shared);
  const suggested = suggestedQuasi(ports, p, shared);
  // About people nobody chooses too few: what describes somebody counts whether it was named or not.
  const quasi =
    about === 'people'
      ? p.items.map((i) => i.item).filter((i) => p.quasi.includes(i) || suggested.includes(i))
      : p.quasi.length
        ? p.quasi
        : about === 'named'
          ? []
          : suggested;
  const add = (...[code, more]: [Parameters<typeof finding>[0], Parameters<typeof finding>[1]?]) =>
    void findings.push(finding(code, more ?? {}, titles(shared)));
  const ignoresEditions = given.overruled.has('edition-difference:');
  const earlier = p.aggregate && !ignoresEditions ? await earlierCells(s, p, given.earlier) : [];
  const built = await build(s, ports, p, shared, { k, quasi, earlier });
  const { fields } = built;
  const formats = fields.map((f) => ({ ...f, format: formatOf(ports, shared.source, f.name) }));
  if (built.tooMany) add('too-many-cells', { places: built.tooMany, params: { most: CELLS } });
  else if (built.rows === 0) add('empty');
  for (const f of await scanColumns(s, 'out', formats, signal))
    add(`value-${f.kind}`, {
      ...{ items: [f.item], places: f.places, of: f.of, examples: f.examples },
      mends: mendsOf(ports, shared, f.item, p.items.find((i) => i.item === f.item)!.as),
    });
  if (about === 'people' && !p.aggregate)
    for (const { item, as } of p.items)
      if (as.kind === 'plain' && shared.items.find((i) => i.name === item)?.key)
        add('item-number', { items: [item], mends: [{ kind: 'drop', item }] });
  if (p.aggregate) judgeCells(built, k, add);
  else {
    if (about === 'named') add('named', { items: namingItems(p, shared) });
    await judgeRows(s, ports, { ...given, plan: p }, { built, quasi, k, about }, add);
  }
  if (given.siblings.length)
    add('sibling', {
      params: {
        titles: { zh: given.siblings.map((t) => t.zh).join('、'), en: given.siblings.map((t) => t.en).join(', ') },
      },
    });
  const kind = p.aggregate ? ('counts' as const) : ('rows' as const);
  return { findings, built, facts: { rows: built.rows, columns: fields.length, k, quasi: [...quasi], kind, about } };
}

type Add = (code: Parameters<typeof finding>[0], given?: Parameters<typeof finding>[1]) => void;

/** Items by which every row names what it is about. */
const namingItems = (p: Plan, shared: SharedEntry): string[] =>
  p.items
    .filter(({ item, as }) => {
      const known = shared.items.find((i) => i.name === item);
      return (
        as.kind === 'plain' &&
        known &&
        known.protection === 'public' &&
        (known.key || ['name', 'uscc', 'orgcode', 'regno'].includes(known.role ?? ''))
      );
    })
    .map((i) => i.item);

/** Whom rows are about: people; organisations and things that each row names; or ones that it does not name. */
export function aboutOf(p: Plan, shared: SharedEntry): 'people' | 'named' | 'unnamed' {
  const personal = p.items.some(({ item, as }) => {
    const known = shared.items.find((i) => i.name === item);
    return as.kind !== 'present' && known && ['personal', 'sensitive'].includes(known.protection);
  });
  if (shared.entry.subject === 'natural-person' || personal) return 'people';
  return namingItems(p, shared).length > 0 ? 'named' : 'unnamed';
}

async function judgeRows(
  s: LakeSession,
  ports: Ports,
  { plan: p, shared, earlier, overruled }: Examined,
  {
    built,
    quasi,
    k,
    about,
  }: { built: Built; quasi: readonly string[]; k: number; about: 'people' | 'named' | 'unnamed' },
  add: Add,
): Promise<void> {
  if (built.leftOut > 0) {
    const share = Math.round((1000 * built.leftOut) / built.before) / 10;
    add(share > 10 ? 'left-out-much' : 'left-out', { places: built.leftOut, of: built.before, params: { share } });
  }
  if (quasi.length === 0) {
    if (about === 'people') add('no-quasi');
    return;
  }
  const plain = quasi.map((name) => ({ name, sql: ident(name) }));
  const found = await uniqueness(s, plain, k);
  if (found.rows > 0) {
    const mends = await mendsOfUniqueness(s, ports, p, shared, quasi, k, found.rows, built.rows);
    const code = about === 'people' ? 'k-anonymity' : 'k-organisation';
    const params = { k, unique: found.unique };
    add(code, { items: quasi, places: found.rows, of: built.rows, examples: found.sizes, mends, params });
  }
  const secret = p.sensitive.length ? p.sensitive : about === 'people' ? telling(p, shared, quasi) : [];
  for (const item of secret.filter((i) => !quasi.includes(i))) {
    const groups = await poorGroups(s, quasi, item, p.l);
    const mends: Mend[] = [
      { kind: 'leave-out-small' },
      ...mendsOf(ports, shared, item, p.items.find((i) => i.item === item)!.as),
    ];
    if (groups > 0) add('l-diversity', { items: [item], places: groups, params: { groups, l: p.l }, mends });
  }
  let few = 0;
  for (const edition of overruled.has('edition-difference:') ? [] : earlier.slice(0, COMPARED)) {
    const both = built.fields.filter((f) =>
      edition.fields.some((e) => e.name === f.name && e.type === f.type && e.as === f.as),
    );
    if (both.length && (await stillThere(s, edition.id)))
      few = Math.max(
        few,
        await fewChanged(
          s,
          tableOf(edition.id),
          both.map((f) => f.name),
          quasi,
          k,
        ),
      );
  }
  if (few > 0) add('edition-difference', { places: few });
}

/** Items that tell of somebody and are no quasi-identifiers: what l-diversity guards where nobody named any. */
const telling = (p: Plan, shared: SharedEntry, quasi: readonly string[]): string[] =>
  p.items
    .filter(
      ({ item, as }) =>
        as.kind !== 'present' && !quasi.includes(item) && !shared.items.find((i) => i.name === item)?.key,
    )
    .map((i) => i.item);

const stillThere = async (s: LakeSession, edition: number): Promise<boolean> =>
  Boolean(
    await s.first("SELECT 1 AS one FROM duckdb_tables() WHERE schema_name = 'pub' AND table_name = $name", {
      name: tableOf(edition).slice(4),
    }),
  );

/** Tries every coarser way of one item, and leaving rows out; those that help most come first. */
async function mendsOfUniqueness(
  s: LakeSession,
  ports: Ports,
  p: Plan,
  shared: SharedEntry & { source: string },
  quasi: readonly string[],
  k: number,
  now: number,
  rows: number,
): Promise<Mend[]> {
  const tried: { mend: Mend; left: number }[] = [];
  for (const item of quasi) {
    const as = p.items.find((i) => i.item === item)!.as;
    for (const mend of mendsOf(ports, shared, item, as)) {
      const others = quasi.filter((q) => q !== item).map((q) => ({ name: q, sql: ident(q) }));
      // A coarser way can be tried on the columns at hand where they still hold the values as they are.
      if (mend.kind === 'show' && as.kind !== 'plain') continue;
      const own = mend.kind === 'show' ? [{ name: item, sql: shownSqlOf(item, mend.as as ShownAs) }] : [];
      const left = others.length + own.length === 0 ? 0 : (await uniqueness(s, [...others, ...own], k)).rows;
      if (left < now) tried.push({ mend, left });
      if (tried.length >= 30) break;
    }
  }
  tried.sort((a, b) => a.left - b.left);
  const most = tried.slice(0, 4).map((t) => t.mend);
  return now <= rows / 10 ? [{ kind: 'leave-out-small' }, ...most] : most;
}

const OWN = ['entity', 'day', 'fact', 'amount'];
/** The same as in the records, over the columns of `out`, which bear the items' own names. */
const shownSqlOf = (item: string, as: ShownAs): string =>
  OWN.includes(item) ? shownSql(item, as).replaceAll(ident(`${item}_`), ident(item)) : shownSql(item, as);

function judgeCells(built: Built, k: number, add: Add): void {
  if (built.withheld === 0) return;
  const { withheld: places, rows: of, primary } = built;
  if (places * 2 > of) add('cells-mostly-withheld', { places, of });
  else add('small-cells', { places, of, params: { k, primary } });
}

/** What earlier editions told of the same groups. */
async function earlierCells(s: LakeSession, p: Plan, earlier: readonly EditionRow[]): Promise<EarlierCells[]> {
  const out: EarlierCells[] = [];
  const dims = p.items.map((i) => i.item);
  for (const e of earlier.slice(0, COMPARED)) {
    const same = p.items.every((i) =>
      e.fields.some((f) => f.name === i.item && f.role === 'item' && f.as === i.as.kind),
    );
    if (!same || !e.fields.some((f) => f.name === 'n' && f.role === 'measure') || !(await stillThere(s, e.id)))
      continue;
    const rows = await s.query(
      `SELECT ${dims.map((d, i) => `${ident(d)} AS g${i}, `).join('')}n FROM ${tableOf(e.id)}`,
    );
    out.push(new Map(rows.map((r) => [groupKey(dims.map((_, i) => r[`g${i}`])), r.n === null ? null : Number(r.n)])));
  }
  return out;
}
