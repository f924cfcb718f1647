/**
 * What can still be read of a hub's data, and what cannot (密钥丢失说明): from the keys that are there, the keys that data is under, and nothing else.
 * Read only: no key is made, none is taken for another.
 */
import type { Bilingual } from '../i18n/index.ts';
import type { Lake } from '../lake/index.ts';
import { type Custody, type KeyRing, keyCheck } from '../vault/index.ts';

/** A part of the data. */
export interface LostPart {
  id: string;
  title: Bilingual;
  /** How many can be read, and how many cannot. */
  readable: number;
  unreadable: number;
  /** The keys that are missed for it. */
  keys: string[];
}

/** The statement. */
export interface LossStatement {
  /** Keys of existing data that are missing, or in whose place another stands. */
  missing: { id: string; wrong: boolean; accepted: boolean }[];
  parts: LostPart[];
  /** Whether the hub's own key of its backups is there; null where none are configured. The recovery key on paper opens them in any case. */
  backups: boolean | null;
  /** Keys that custodians can bring back together, of those that are missing; and how many custodians it takes. */
  custody: { needed: number; count: number; covers: string[] } | null;
}

/** What the statement is made from. */
export interface LossFacts {
  lake: Pick<Lake, 'query'>;
  /** What could be opened of the folder of keys. */
  ring: KeyRing;
  custody: Custody;
  /** Files by version of their key. */
  files: ReadonlyMap<number, number>;
  backups: boolean;
}

const kinds: Record<string, Bilingual> = {
  'citizen-id': { zh: '身份证件号码', en: 'identity numbers' },
  phone: { zh: '电话号码', en: 'telephone numbers' },
  account: { zh: '银行账号', en: 'bank accounts' },
};

/** Makes the statement. */
export async function statement({ lake, ring, custody, files, backups }: LossFacts): Promise<LossStatement> {
  const known = await lake.query<{ name: string; check_value: string }>(
    'SELECT name, check_value FROM vault.key ORDER BY name',
  );
  const accepted = new Set((await lake.query<{ name: string }>('SELECT name FROM vault.lost')).map((row) => row.name));
  const rows = await lake.query<{ kind: string; version: number | null; n: number }>(
    `SELECT kind, key_version AS version, count(*)::INTEGER AS n FROM vault.value GROUP BY kind, key_version ORDER BY kind`,
  );
  const used = new Set(rows.flatMap((row) => (row.version === null ? [] : [nameOf('seal', row.version)])));
  const needed = known.filter(({ name }) => name === 'token' || name.startsWith('files-') || used.has(name));
  const missing = needed.flatMap(({ name, check_value }) => {
    const key = ring.named(name);
    if (key && keyCheck(key) === check_value) return [];
    return [{ id: name, wrong: key !== undefined, accepted: accepted.has(name) }];
  });
  const gone = new Set(missing.map((m) => m.id));
  const part = (id: string, title: Bilingual, of: readonly { key: string; n: number }[]): LostPart => ({
    ...{ id, title },
    readable: sum(of.filter(({ key }) => !gone.has(key))),
    unreadable: sum(of.filter(({ key }) => gone.has(key))),
    keys: [...new Set(of.map(({ key }) => key).filter((key) => gone.has(key)))],
  });
  const parts = [...new Set(rows.map((row) => row.kind))].map((kind) =>
    part(
      `vault/${kind}`,
      kinds[kind] ?? { zh: kind, en: kind },
      rows.flatMap((row) =>
        row.kind === kind && row.version !== null ? [{ key: nameOf('seal', row.version), n: row.n }] : [],
      ),
    ),
  );
  parts.push(
    part(
      'files',
      { zh: '收到的文件与电子档案', en: 'received files and archives' },
      [...files].map(([version, n]) => ({ key: nameOf('files', version), n })),
    ),
  );
  // Under the key of tokens stands what else the hub keeps secret; that it is missed makes every token a stranger to what comes in.
  parts.push(
    part(
      'token',
      { zh: '按号码查找与新旧数据对照（标识）', en: 'finding by number, and new data meeting old (tokens)' },
      [{ key: 'token', n: sum(rows) }],
    ),
  );
  const { file } = custody;
  const held = new Set(custody.names());
  return {
    missing,
    parts,
    backups: backups ? ring.named('backup') !== undefined : null,
    custody: file
      ? {
          needed: file.needed,
          count: file.count,
          covers: missing.map((m) => m.id).filter((id) => held.has(`${id}.key`)),
        }
      : null,
  };
}

const sum = (of: readonly { n: number }[]) => of.reduce((total, { n }) => total + n, 0);
const nameOf = (set: string, version: number) => `${set}-${String(version).padStart(4, '0')}`;
