/** Keys of the open API: made by anybody without any personal data, shown once, kept as a hash, with limits of their own. */
import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { cityDay } from '../../platform/law/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { PublishingPorts } from '../ports.ts';
import { keyUnknown, tooOften } from '../problems.ts';
import type { Limits } from './limits.ts';
import type { UseCounts } from './use.ts';
import { refusePersonal } from './words.ts';

const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');
const FORM = /^jwo_[A-Za-z0-9_-]{43}$/;

/** Makes a key; the only time that it is told. */
export async function makeKey(ports: PublishingPorts, name: string): Promise<{ id: number; key: string }> {
  refusePersonal(name);
  const key = `jwo_${randomBytes(32).toString('base64url')}`;
  const at = ports.clock.now();
  return ports.db.tx(async (trx) => {
    const made = await sql<{ id: number }>`INSERT INTO publishing.api_key (hash, name, made_at)
      VALUES (${hashOf(key)}, ${name}, ${at}) RETURNING id`.execute(trx);
    const { id } = made.rows[0]!;
    await ports.audit.append(
      { actor: null, action: 'open.key-made', object: `open-key/${id}`, outcome: 'ok', detail: {} },
      trx,
    );
    return { id, key };
  });
}

interface KeyRow {
  id: number;
  name: string;
  made_at: Date;
  today: number;
  total: number;
}

/** Whose key it is; a Problem where it is none or was revoked. */
export async function keyOf(ports: PublishingPorts, key: string, counts: UseCounts): Promise<KeyRow> {
  if (!FORM.test(key)) throw new Problem(keyUnknown);
  const today = cityDay(ports.clock.now());
  const found = await sql<KeyRow>`SELECT k.id, k.name, k.made_at,
      coalesce((SELECT calls FROM publishing.key_use u WHERE u.key = k.id AND u.day = ${today}::date), 0)::int AS today,
      coalesce((SELECT sum(calls) FROM publishing.key_use u WHERE u.key = k.id), 0)::int AS total
    FROM publishing.api_key k WHERE k.hash = ${hashOf(key)} AND k.revoked_at IS NULL`.execute(ports.db.kysely);
  const row = found.rows[0];
  if (!row) throw new Problem(keyUnknown);
  const pending = counts.pending(row.id);
  return { ...row, today: row.today + pending, total: row.total + pending };
}

/** Ends a key: by who has it, or by the authority (`by`, with its number). */
export async function revokeKey(ports: PublishingPorts, id: number, by: string | null): Promise<void> {
  await ports.db.tx(async (trx) => {
    const done = await sql`UPDATE publishing.api_key SET revoked_at = ${ports.clock.now()}, revoked_by = ${by}
      WHERE id = ${id} AND revoked_at IS NULL`.execute(trx);
    if (Number(done.numAffectedRows) !== 1) throw new Problem(keyUnknown);
    await ports.audit.append(
      { actor: null, action: 'open.key-revoked', object: `open-key/${id}`, outcome: 'ok', detail: { by } },
      trx,
    );
  });
}

/** Lets one call of the API pass: with a key by its limits, without by those of the address. */
export async function admit(
  ports: PublishingPorts,
  limits: Limits,
  counts: UseCounts,
  caller: { key: string | undefined; address: string },
): Promise<void> {
  if (caller.key === undefined) {
    limits.take('call', caller.address, ports.rules.anonymousPerMinute, 60);
    return;
  }
  // Guessing keys is limited as calls without one are.
  const row = await keyOf(ports, caller.key, counts).catch((error) => {
    limits.take('call', caller.address, ports.rules.anonymousPerMinute, 60);
    throw error;
  });
  if (row.today >= ports.rules.keyPerDay) throw new Problem(tooOften, { seconds: 3600 });
  limits.take('key', `key ${row.id}`, ports.rules.keyPerMinute, 60);
  counts.key(row.id);
}
