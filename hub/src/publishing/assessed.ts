/** Facts of open data for the assessment: which datasets a department opened and how current they are; nobody's name. */
import { sql } from 'kysely';
import type { Deps } from '../platform/room.ts';

/** One dataset that was ever open. Instants in UTC. */
export interface OpenFact {
  dataset: number;
  entry: string;
  provider: string;
  state: string;
  since: Date;
  /** When its edition that is open was made; null where none is. */
  updated: Date | null;
  cycle: string;
}

/** All of them. */
export const openFacts = async (deps: Pick<Deps, 'db'>): Promise<OpenFact[]> =>
  (
    await sql<OpenFact>`SELECT d.id AS dataset, d.entry, d.provider, d.state, d.opened_at AS since, e.opened_at AS updated,
        d.plan->>'cycle' AS cycle
      FROM publishing.dataset d LEFT JOIN publishing.edition e ON e.id = d.edition WHERE d.opened_at IS NOT NULL
      ORDER BY d.id`.execute(deps.db.kysely)
  ).rows;

/** A message of the public with its day. */
export interface MessageFact {
  message: number;
  kind: 'request' | 'error';
  provider: string | null;
  at: Date;
  due: string | null;
  answered: Date | null;
}

/** Requests and reported errors. */
export const messageFacts = async (deps: Pick<Deps, 'db'>): Promise<MessageFact[]> =>
  (
    await sql<MessageFact>`SELECT id AS message, kind, organisation AS provider, at, due::text AS due, answered_at AS answered
      FROM publishing.message ORDER BY id`.execute(deps.db.kysely)
  ).rows;
