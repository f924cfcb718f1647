/** The one list of every key of the hub: what it is for, where it lies, since when, what depends on it, when it is due. Never key material. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Bilingual } from '../i18n/index.ts';
import type { Custody, KeyRing } from '../vault/index.ts';

/** What a key is for. */
export type KeyUse = 'token' | 'vault' | 'files' | 'backup' | 'signing' | 'peer' | 'tls' | 'custody';
/** `retired`: reads only. `lost`: data depends on it and it is missing, whether that was accepted or not. */
export type KeyState = 'active' | 'retired' | 'destroyed' | 'lost';

/** A key as it is shown. */
export interface KeyView {
  /** `seal-0002`; a path within the folder of keys for keys that lie as files of their own. */
  id: string;
  use: KeyUse;
  title: Bilingual;
  /** `wrapped`: under the token's key; `file`: readable by its owner only; `custodians`: as shares in people's hands; `none`: nowhere any more. */
  held: 'file' | 'wrapped' | 'custodians' | 'none';
  /** ISO 8601 in UTC; null where nobody noted it. */
  since: string | null;
  state: KeyState;
  /** How many values or files are under it; null where they are not counted (yet). */
  depends: number | null;
  /** When it is due to be replaced; null where it never is. */
  due: string | null;
  /** Whether custodians can bring it back together. */
  inCustody: boolean;
}

/** What the list is made of. */
export interface Facts {
  ring: KeyRing;
  custody: Custody;
  guarded: boolean;
  /** `vault.key`: every key that data was ever put under. */
  known: readonly { name: string; since: string }[];
  /** Sealed values by version, erased ones apart. */
  values: ReadonlyMap<number, number>;
  /** Files by version; undefined while they are counted. */
  files: ReadonlyMap<number, number> | undefined;
  /** Whether a repository of backups is configured. */
  backups: boolean;
  /** The TLS key's file, where the hub speaks TLS itself. */
  tls: string | undefined;
  rotateDays: number;
}

const DAY = 86_400_000;

const titles: Record<KeyUse, Bilingual> = {
  token: {
    zh: '身份信息标识、账号验证器、通知地址、外部系统口令',
    en: 'tokens of identity data, authenticators, addresses of notices, secrets of outside systems',
  },
  vault: { zh: '保险库中的身份信息', en: 'identity data in the vault' },
  files: { zh: '收到的文件与电子档案', en: 'received files and archives' },
  backup: { zh: '备份库', en: 'the repository of backups' },
  signing: { zh: '签封：证书机构与日历', en: 'seals: authority and calendar' },
  peer: { zh: '与其他枢纽往来的身份', en: 'who this hub is to other hubs' },
  tls: { zh: 'TLS', en: 'TLS' },
  custody: { zh: '分持：合成后可恢复全部密钥', en: 'custody: enough shares bring every key back' },
};

/** Every key, those in use first. Pure of clocks: what is due is for the reader to judge. */
export function keysOf(facts: Facts): KeyView[] {
  const { ring, custody, known } = facts;
  const names = new Set(ring.names);
  const since = new Map(known.map((k) => [k.name, k.since]));
  const sealed = new Set(custody.names());
  const held = facts.guarded ? ('wrapped' as const) : ('file' as const);
  const view = (id: string, use: KeyUse, state: KeyState, more: Partial<KeyView> = {}): KeyView => ({
    ...{ id, use, title: titles[use], since: since.get(id) ?? null, state, depends: null, due: null },
    held: state === 'destroyed' || state === 'lost' ? 'none' : held,
    inCustody: sealed.has(`${id}.key`) || sealed.has(id),
    ...more,
  });
  const total = [...facts.values.values()].reduce((sum, n) => sum + n, 0);
  const out = [view('token', 'token', names.has('token') ? 'active' : 'lost', { depends: total })];
  for (const [set, use] of [
    ['seal', 'vault'],
    ['files', 'files'],
  ] as const) {
    const newest = ring.versions(set).at(-1) ?? 0;
    const versions = new Set([
      ...ring.versions(set),
      ...known.flatMap(({ name }) => (name.startsWith(`${set}-`) ? [Number(name.slice(set.length + 1))] : [])),
    ]);
    for (const version of [...versions].sort((a, b) => b - a)) {
      const id = `${set}-${String(version).padStart(4, '0')}`;
      const counted = use === 'vault' ? facts.values : facts.files;
      const depends = counted ? (counted.get(version) ?? 0) : null;
      const there = names.has(id);
      const state: KeyState = there
        ? version === newest
          ? 'active'
          : 'retired'
        : // Only a rotation destroys, and only when nothing is under the key any more; keys of files are never destroyed.
          use === 'vault' && depends === 0
          ? 'destroyed'
          : 'lost';
      const from = since.get(id);
      const due =
        state === 'active' && from && facts.rotateDays > 0
          ? new Date(Date.parse(from) + facts.rotateDays * DAY).toISOString()
          : null;
      out.push(view(id, use, state, { depends, due }));
    }
  }
  if (names.has('backup')) out.push(view('backup', 'backup', 'active', madeAt(join(ring.folder, 'backup.key'))));
  else if (facts.backups) out.push(view('backup', 'backup', 'lost'));
  for (const [folder, use] of [
    ['seal', 'signing'],
    ['peers', 'peer'],
  ] as const) {
    const path = join(ring.folder, folder);
    if (!existsSync(path)) continue;
    for (const file of readdirSync(path).filter((name) => name.endsWith('.pem')))
      out.push(view(`${folder}/${file}`, use, 'active', { held: 'file', ...madeAt(join(path, file)) }));
  }
  if (facts.tls && existsSync(facts.tls))
    out.push(view(facts.tls, 'tls', 'active', { held: 'file', ...madeAt(facts.tls) }));
  const { file } = custody;
  if (file)
    out.push(view('custody', 'custody', 'active', { held: 'custodians', since: file.made, depends: sealed.size }));
  const order: Record<KeyState, number> = { lost: 0, active: 1, retired: 2, destroyed: 3 };
  return out.sort((a, b) => order[a.state] - order[b.state]);
}

const madeAt = (path: string) => ({ since: statSync(path).mtime.toISOString() });
