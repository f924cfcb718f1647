/**
 * Values on their way in and out. In: numbers go to the vault and become tokens, addresses get their normal form, places become WGS 84, relations are
 * looked up again, files must be there. Out: tokens become what may be shown of them.
 */
import { normalise as normaliseAddress, parse as parseAddress } from '@jingwei/addresses';
import { citizenId, convertPoint, division, industry, phone, uscc } from '@jingwei/codes';
import { sql } from 'kysely';
import { literal } from '../platform/lake/index.ts';
import { cityDay } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import type { TokenKind } from '../platform/room.ts';
import type { Design, Fault, Field, FileValue, PlaceValue, RelationValue, RowValue, Value, Values } from './design.ts';
import { resolve } from './find.ts';
import type { FormsPorts } from './ports.ts';
import { faultAt, wrongValues } from './problems.ts';
import {
  type Circumstances,
  computed,
  isAddress,
  isBlank,
  isFiles,
  isPlace,
  isRelation,
  isRows,
  isSecret,
  validate,
} from './pure/index.ts';

/** Faults of kind that not even a draft may have: nobody could read such a value again. */
const SHAPE = new Set([
  'forms.value.kind',
  'forms.value.unknown',
  'forms.value.token',
  'forms.value.file',
  'forms.value.relation',
  'forms.value.identity',
]);

/** What values came to. `faults` are those of handing in; `shape` those that refuse even a draft. */
export interface Prepared {
  values: Values;
  faults: Fault[];
  shape: Fault[];
}

/** Codes of the national tables. */
const knows: NonNullable<Circumstances['knows']> = (table, code, under) =>
  (under === undefined || code.startsWith(under)) &&
  (table === 'division' ? division.check(code) : industry.check(code));

/** What an evaluation is told of today. */
export const circumstances = (now: Date, whole: boolean): Circumstances => ({ today: cityDay(now), whole, knows });

const kindOf = (field: Field): TokenKind => (field.kind === 'phone' ? 'phone' : 'citizen-id');
const bad = (at: string, code: string, zh: string, en: string): Fault => ({ at, code: `forms.value.${code}`, zh, en });

/** A Problem that lists faults with their places. */
export const problemOfFaults = (faults: readonly Fault[]): Problem =>
  new Problem(
    wrongValues,
    { count: faults.length },
    undefined,
    faults.slice(0, 100).map((f) => new Problem(faultAt, { at: f.at || '*', zh: f.zh, en: f.en }, { field: f.at })),
  );

/** Numbers in plain texts would stand outside the vault. */
const IDENTITY = /(?<![0-9A-Za-z])[1-9]\d{16}[\dXx](?![0-9A-Za-z])/g;
const MOBILE = /(?<!\d)1[3-9]\d{9}(?!\d)/;
const PLAIN = new Set<Field['kind']>(['text', 'long-text', 'address', 'relation', 'table']);
function carriesIdentity(value: unknown): boolean {
  if (typeof value === 'string')
    return MOBILE.test(value) || [...value.matchAll(IDENTITY)].some(([t]) => citizenId.check(t.toUpperCase()));
  if (Array.isArray(value)) return value.some(carriesIdentity);
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).some(([k, v]) => k !== 'token' && k !== 'id' && carriesIdentity(v));
  return false;
}

/**
 * Makes what is kept of what was given. `before`: values of the record so far, whose tokens and files may come again; `by`: who sent the files.
 */
export async function prepare(
  ports: FormsPorts,
  design: Design,
  form: number,
  given: Values,
  who: { login: string; before?: Values | undefined },
): Promise<Prepared> {
  const secrets: Secret[] = [];
  const made = await prepareInto(ports, design, form, given, who, secrets);
  await store(ports, secrets);
  return made;
}

/** Many at once, with one question to the vault; `keep`: numbers of those without a fault are stored, else none is. */
export async function prepareMany(
  ports: FormsPorts,
  design: Design,
  form: number,
  all: readonly Values[],
  login: string,
  keep: boolean,
): Promise<Prepared[]> {
  const secrets: Secret[] = [];
  const out: Prepared[] = [];
  for (const given of all) {
    const own: Secret[] = [];
    const made = await prepareInto(ports, design, form, given, { login }, own);
    out.push(made);
    if (made.faults.length === 0) secrets.push(...own);
  }
  if (keep) await store(ports, secrets);
  return out;
}

interface Secret {
  kind: TokenKind;
  text: string;
}

async function prepareInto(
  ports: FormsPorts,
  design: Design,
  form: number,
  given: Values,
  who: { login: string; before?: Values | undefined },
  into: Secret[],
): Promise<Prepared> {
  const c = circumstances(ports.clock.now(), true);
  const shape: Fault[] = [];
  const kept: Values = {};
  const secrets: Secret[] = [];
  const before = who.before ?? {};
  for (const field of design.fields) {
    const value = given[field.name];
    if (isBlank(value) || field.kind === 'section' || field.kind === 'note' || field.kind === 'calculated') continue;
    if (field.kind === 'citizen-id' || field.kind === 'phone') {
      const held = before[field.name];
      if (isSecret(value)) {
        if (!isSecret(held) || held.token !== value.token)
          shape.push(bad(field.name, 'token', '请重新填写号码。', 'Write the number again.'));
        else kept[field.name] = { token: value.token };
      } else if (typeof value === 'string') {
        const normal = (field.kind === 'phone' ? phone : citizenId).normalise(value).value;
        const text = (field.kind === 'phone' ? phone : citizenId).check(normal) ? normal : value.trim();
        secrets.push({ kind: kindOf(field), text });
        kept[field.name] = { token: ports.vault.tokenOf(kindOf(field), text) };
      }
      continue;
    }
    if (PLAIN.has(field.kind) && carriesIdentity(value))
      shape.push(
        bad(
          field.name,
          'identity',
          '含有证件号码或手机号码，请填入专门的字段。',
          'It holds an identity or telephone number, which belongs in a field of its own.',
        ),
      );
    kept[field.name] = normal(field, value as Value);
    if (field.kind === 'relation' && isRelation(value)) await relate(ports, field, value, kept, before, shape);
    if ((field.kind === 'picture' || field.kind === 'file' || field.kind === 'signature') && isFiles(value))
      kept[field.name] = await filesOf(ports, form, field.name, value, who.login, before[field.name], shape);
  }
  const faults = validate(design, given, c);
  shape.push(...faults.filter((f) => SHAPE.has(f.code)));
  if (shape.length === 0) into.push(...secrets);
  const { values } = computed(design, kept, c.today);
  return { values, faults, shape };
}

function normal(field: Field, value: Value): Value {
  if (field.kind === 'uscc' && typeof value === 'string') return uscc.normalise(value).value;
  if (field.kind === 'address') {
    const text = isAddress(value) ? value.text : String(value);
    try {
      return { text, normal: normaliseAddress(parseAddress(text)).text.slice(0, 400) };
    } catch {
      return { text };
    }
  }
  if (field.kind === 'place' && isPlace(value)) return wgs84(value);
  if (field.kind === 'table' && isRows(value))
    return value.map((r) => {
      const own: RowValue = {};
      for (const cell of field.fields)
        if (!isBlank(r[cell.name])) own[cell.name] = normal(cell as Field, r[cell.name] as Value) as RowValue[string];
      return own;
    });
  if ((field.kind === 'text' || field.kind === 'long-text') && typeof value === 'string')
    return value.normalize('NFC').trim();
  return value;
}

function wgs84(p: PlaceValue): PlaceValue {
  const { system, from, ...point } = p;
  if (system === undefined || system === 'wgs84') return { ...point, ...(from ? { from } : {}) };
  const [lon, lat] = convertPoint([p.lon, p.lat], system, 'wgs84');
  const round = (n: number) => Math.round(n * 1e7) / 1e7;
  return { ...point, lon: round(lon), lat: round(lat), from: system };
}

async function relate(
  ports: FormsPorts,
  field: Extract<Field, { kind: 'relation' }>,
  value: RelationValue,
  kept: Values,
  before: Values,
  shape: Fault[],
): Promise<void> {
  if (value.id === undefined) {
    kept[field.name] = { title: value.title };
    return;
  }
  const held = before[field.name];
  const found = await resolve(ports.lake, field.to, value.id);
  if (found) kept[field.name] = found;
  else if (isRelation(held) && held.id === value.id) kept[field.name] = held;
  else
    shape.push(
      bad(field.name, 'relation', '没有找到所选的对象，请重新搜索。', 'What was chosen is not there; search again.'),
    );
}

type FileRow = {
  id: string;
  name: string;
  type: string | null;
  bytes: number;
  login: string;
  state: string;
  form: number;
  field: string;
};

async function filesOf(
  ports: FormsPorts,
  form: number,
  field: string,
  given: readonly FileValue[],
  login: string,
  held: unknown,
  shape: Fault[],
): Promise<FileValue[]> {
  const ids = [...new Set(given.map((f) => f.id))];
  const found = await sql<FileRow>`SELECT id, name, type, bytes, login, state, form, field FROM forms.file
    WHERE id = ANY(${ids}::uuid[])`.execute(ports.db.kysely);
  const rows = new Map(found.rows.map((r) => [r.id, r]));
  const own = new Set((isFiles(held) ? held : []).map((f) => f.id));
  return ids.flatMap((id) => {
    const r = rows.get(id);
    const right =
      r && r.state === 'complete' && r.form === form && r.field === field && (r.login === login || own.has(id));
    if (!right) {
      shape.push(
        bad(field, 'file', '文件还没有传完，或不属于这里。', 'A file has not arrived whole, or does not belong here.'),
      );
      return [];
    }
    return [{ id, name: r.name, type: r.type ?? 'application/octet-stream', bytes: r.bytes }];
  });
}

/** Stores numbers in the vault; on disk when it resolves. */
export async function store(ports: FormsPorts, secrets: readonly { kind: TokenKind; text: string }[]): Promise<void> {
  for (const kind of ['citizen-id', 'phone'] as const) {
    const texts = [...new Set(secrets.filter((s) => s.kind === kind).map((s) => s.text))];
    if (texts.length === 0) continue;
    await ports.lake.session(async (s) => {
      await ports.vault.stageTokens(
        s,
        kind,
        `SELECT unnest([${texts.map((t) => literal(t)).join(', ')}]) AS original`,
        'forms_numbers',
      );
      await s.run('DROP TABLE forms_numbers');
    });
  }
}

/** Every token in values, for one question to the vault. */
export const tokensIn = (all: readonly Values[]): string[] => [
  ...new Set(all.flatMap((v) => Object.values(v).flatMap((x) => (isSecret(x) ? [x.token] : [])))),
];

/** Values as they may be shown: tokens with their masks. */
export function shownValues(values: Values, masks: ReadonlyMap<string, string>): Values {
  return Object.fromEntries(
    Object.entries(values).map(([k, v]) => [
      k,
      isSecret(v) ? { token: v.token, shown: masks.get(v.token) ?? '***' } : v,
    ]),
  );
}

/** Values of several records as they may be shown. */
export async function showAll(ports: FormsPorts, all: readonly Values[]): Promise<Values[]> {
  const tokens = tokensIn(all);
  const masks = tokens.length ? await ports.vault.masks(tokens) : new Map<string, string>();
  return all.map((v) => shownValues(v, masks));
}
