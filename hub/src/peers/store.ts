/** Other hubs as they are kept. */
import { type Kysely, sql } from 'kysely';
import type { AnyTables, Db } from '../platform/db/index.ts';
import type { Bilingual } from '../platform/i18n/index.ts';
import { Problem } from '../platform/problem.ts';
import { unknownPeer } from './problems.ts';

export const levels = ['province', 'city', 'county', 'sideways', 'other'] as const;
export type Level = (typeof levels)[number];
export const kinds = ['jingwei', 'dcat', 'ckan'] as const;
export type PeerKind = (typeof kinds)[number];
export type PeerState = 'invited' | 'introduced' | 'active' | 'suspended';

/** A problem as it is kept and shown. */
export interface Told {
  code: string;
  title: Bilingual;
}
export const toldOf = (error: unknown): Told =>
  error instanceof Problem
    ? { code: error.kind.code, title: error.toJSON().title }
    : { code: 'http.internal', title: { zh: '内部错误', en: 'An internal error' } };

/** A hub. */
export interface PeerRow {
  id: number;
  name_zh: string;
  name_en: string;
  level: Level;
  kind: PeerKind;
  url: string;
  state: PeerState;
  hub: string | null;
  public_key: string | null;
  invitation: string | null;
  invited_until: Date | null;
  reader_until: Date | null;
  reader_key: string | null;
  networks: string[];
  harvest_in: boolean;
  harvest_out: boolean;
  requests: boolean;
  every_hours: number;
  divisions: string[];
  root: string | null;
  publisher_email: string | null;
  last_contact: Date | null;
  last_problem: Told | null;
  next_harvest: Date | null;
  created_by: string;
  created_at: Date;
}

const columns = sql`id, name_zh, name_en, level, kind, url, state, hub, public_key, invitation, invited_until, reader_key,
  reader_until, networks, harvest_in, harvest_out, requests, every_hours, divisions, root, publisher_email, last_contact,
  last_problem, next_harvest, created_by, created_at`;

type Handle = Kysely<AnyTables>;

/** Hubs that a condition holds for. */
export const peersWhere = async (db: Handle, where = sql`true`): Promise<PeerRow[]> =>
  (await sql<PeerRow>`SELECT ${columns} FROM peers.peer WHERE ${where} ORDER BY id`.execute(db)).rows;

/** One hub; a Problem where there is none. */
export async function peerOf(db: Handle, id: number): Promise<PeerRow> {
  const [row] = await peersWhere(db, sql`id = ${id}`);
  if (!row) throw new Problem(unknownPeer);
  return row;
}

export const nameOfPeer = (p: Pick<PeerRow, 'name_zh' | 'name_en'>): Bilingual => ({ zh: p.name_zh, en: p.name_en });

/** As which organisation a hub's departments ask here. */
export const requesterOf = (peer: number): string => `peer${peer}`;

/** Notes that the other side was heard of, or what went wrong. */
export async function contacted(db: Db, peer: number, at: Date, problem: Told | null = null): Promise<void> {
  if (problem)
    await db.query('UPDATE peers.peer SET last_problem = $2::jsonb WHERE id = $1', [peer, JSON.stringify(problem)]);
  else await db.query('UPDATE peers.peer SET last_contact = $2, last_problem = NULL WHERE id = $1', [peer, at]);
}

/** Names of hubs by the organisations that they ask as, kept in memory for whoever shows names. */
export class PeerNames {
  readonly #names = new Map<string, Bilingual>();
  async load(db: Db): Promise<this> {
    for (const p of await peersWhere(db.kysely)) this.#names.set(requesterOf(p.id), nameOfPeer(p));
    return this;
  }
  readonly of = (id: string): Bilingual | undefined => this.#names.get(id);
}
