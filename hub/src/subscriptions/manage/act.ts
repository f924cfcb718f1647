/** What people do with subscriptions. Every act is one transaction with its audit; a refused one is audited too. */
import { randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { z } from 'zod';
import type { Principal } from '../../platform/auth/principal.ts';
import type { AnyTables } from '../../platform/db/index.ts';
import { Problem } from '../../platform/problem.ts';
import { matterOf, sharedEntry } from '../../sharing/index.ts';
import type { createBody, patchBody, replayBody, tested } from '../api.ts';
import { streamOf } from '../log/detect.ts';
import { controlMessage, eventSource } from '../log/events.ts';
import { look } from '../log/watch.ts';
import type { SubscriptionPorts } from '../ports.ts';
import * as k from '../problems.ts';
import { newSecret } from '../push/sign.ts';
import { newToken, type SubscriptionRow, secretsOf, subscriptionOf } from '../store.ts';
import { checkItems, checkTarget, grantProblem } from './check.ts';

/** Hours for which an old secret holds beside the new one. */
const ROTATION_HOURS = 24;

/** A subscription that somebody sees: both sides of its grant, and who belongs to no department. */
export async function seen(ports: Pick<SubscriptionPorts, 'db'>, id: number, p: Principal): Promise<SubscriptionRow> {
  const sub = await subscriptionOf(ports.db.kysely, id);
  const open = sub && (p.organisation === null || [sub.organisation, sub.provider].includes(p.organisation));
  if (!sub || !open) throw new Problem(k.unknownSubscription, { id });
  return sub;
}

/** A subscription that somebody may act on: of their own department. */
async function mine(ports: SubscriptionPorts, id: number, p: Principal, action: string): Promise<SubscriptionRow> {
  const sub = await seen(ports, id, p);
  if (sub.organisation === p.organisation) return sub;
  await ports.audit.append({
    ...{ actor: p, action: `subscriptions.${action}`, object: `subscription/${id}`, outcome: 'refused' },
    detail: { problem: k.notYours.code },
  });
  throw new Problem(k.notYours, { action });
}

const audited = (
  ports: SubscriptionPorts,
  trx: Kysely<AnyTables>,
  p: Principal,
  action: string,
  id: number,
  detail: Record<string, unknown>,
) =>
  ports.audit.append(
    { actor: p, action: `subscriptions.${action}`, object: `subscription/${id}`, outcome: 'ok', detail },
    trx,
  );

/** Makes a subscription; its secret (or token) is in the answer and nowhere else in plain. */
export async function create(
  ports: SubscriptionPorts,
  body: z.output<typeof createBody>,
  p: Principal,
): Promise<{ id: number; secret: string | null }> {
  const share = await matterOf(ports.db.kysely, 'share', body.grant, p);
  if (share.requester !== p.organisation) throw new Problem(k.notYours, { action: '新建订阅' });
  const shared = sharedEntry(ports, share.entry);
  const problem = grantProblem(ports, share, shared);
  if (problem) throw problem;
  const source = shared!.entry.source!;
  checkItems(ports, share, shared!, body.items);
  const { target, password } = checkTarget(ports, body.target, body.batch);
  const partitions = body.target.kind === 'pull' ? 1 : body.partitions;
  // What stands now is taken down before the first change can be told.
  const found = await look(ports, source);
  if (!found) throw new Problem(k.noRecords);
  const at = ports.clock.now();
  const secret = { webhook: newSecret, pull: newToken, mqtt: () => null }[body.target.kind]();
  const id = await ports.db.tx(async (trx) => {
    const { rows } = await sql<{
      id: number;
    }>`INSERT INTO subscriptions.subscription (share, organisation, provider, entry, source,
        title, kind, target, items, changes, batch, partitions, state, created_by, created_at, changed_at)
      VALUES (${share.id}, ${share.requester}, ${share.provider}, ${share.entry}, ${source}, ${body.title}, ${body.target.kind},
        ${JSON.stringify(target)}::jsonb, ${body.items && JSON.stringify(body.items)}::jsonb,
        ${JSON.stringify(body.changes)}::jsonb, ${body.batch}, ${partitions}, 'active', ${p.login}, ${at}, ${at})
      RETURNING id`.execute(trx);
    const made = rows[0]!.id;
    await sql`INSERT INTO subscriptions.cursor (subscription, partition, phase, seq)
      SELECT ${made}::integer, n, ${body.begin === 'all' ? 'start' : 'live'}, ${found.head}::bigint
      FROM generate_series(0, ${partitions - 1}::integer) n`.execute(trx);
    if (secret) await ports.secrets.keep(trx, made, body.target.kind === 'pull' ? 'token' : 'signing', secret, at);
    if (password) await ports.secrets.keep(trx, made, 'password', password, at);
    const host = 'url' in target ? new URL(target.url).host : null;
    await audited(ports, trx, p, 'create', made, {
      ...{ grant: share.id, kind: body.target.kind, host, items: body.items, changes: body.changes, begin: body.begin },
    });
    return made;
  });
  ports.pusher.wake(id, body.target.kind === 'pull' ? 0 : partitions);
  return { id, secret };
}

/** Sets columns of a version that was looked at; another change in between is a conflict. */
async function set(
  trx: Kysely<AnyTables>,
  sub: SubscriptionRow,
  version: number,
  values: Record<string, unknown>,
  at: Date,
): Promise<void> {
  const sets = Object.entries({ ...values, changed_at: at }).map(([name, value]) => sql`${sql.ref(name)} = ${value}`);
  const done = await sql`UPDATE subscriptions.subscription SET ${sql.join(sets)}, version = version + 1
    WHERE id = ${sub.id} AND version = ${version}`.execute(trx);
  if (Number(done.numAffectedRows) !== 1) throw new Problem(k.conflict);
}

const need = (sub: SubscriptionRow, ...states: SubscriptionRow['state'][]): void => {
  if (!states.includes(sub.state)) throw new Problem(k.stateNow, { state: sub.state });
};

/** Forgets failures and what was tried: the next try is a fresh one. */
const refresh = (trx: Kysely<AnyTables>, id: number) =>
  sql`UPDATE subscriptions.cursor SET failures = 0, failing_since = NULL, told_at = NULL, next_at = NULL, problem = NULL,
    status = NULL WHERE subscription = ${id}`.execute(trx);

/** Changes what is sent or where to. */
export async function patch(
  ports: SubscriptionPorts,
  id: number,
  body: z.output<typeof patchBody>,
  p: Principal,
): Promise<void> {
  const sub = await mine(ports, id, p, 'change');
  need(sub, 'active', 'paused');
  const share = await matterOf(ports.db.kysely, 'share', sub.share, p);
  const shared = sharedEntry(ports, sub.entry);
  if (shared?.entry.source && body.items !== undefined) checkItems(ports, share, shared, body.items);
  if (body.target && body.target.kind !== sub.kind) throw new Problem(k.stateNow, { state: sub.kind });
  const batch = body.batch ?? sub.batch;
  const checked = body.target && checkTarget(ports, body.target, batch);
  if (!checked && sub.kind === 'mqtt') checkTopic(sub, batch);
  const json = (value: unknown) => (value === null ? null : sql`${JSON.stringify(value)}::jsonb`);
  const values: Record<string, unknown> = {
    ...(body.title === undefined ? {} : { title: body.title }),
    ...(body.items === undefined ? {} : { items: json(body.items) }),
    ...(body.changes === undefined ? {} : { changes: json(body.changes) }),
    ...(body.batch === undefined ? {} : { batch: body.batch }),
    ...(checked ? { target: json(checked.target) } : {}),
  };
  const at = ports.clock.now();
  await ports.db.tx(async (trx) => {
    await set(trx, sub, body.version, values, at);
    if (checked && checked.password !== undefined && sub.kind === 'mqtt') {
      await sql`DELETE FROM subscriptions.secret WHERE subscription = ${id} AND kind = 'password'`.execute(trx);
      if (checked.password) await ports.secrets.keep(trx, id, 'password', checked.password, at);
    }
    // A message that failed is made anew of what is shown now.
    await sql`UPDATE subscriptions.cursor SET pending = NULL WHERE subscription = ${id}`.execute(trx);
    if (checked) await refresh(trx, id);
    const { version: _, target, ...rest } = body;
    const host = checked && 'url' in checked.target ? new URL(checked.target.url).host : undefined;
    await audited(ports, trx, p, 'change', id, { ...rest, ...(target ? { host } : {}) });
  });
  await ports.pusher.reload(id);
}

function checkTopic(sub: SubscriptionRow, batch: number): void {
  const topic = 'topic' in sub.target ? String(sub.target.topic) : '';
  if (batch > 1 && /\{(record|change)\}/.test(topic))
    throw new Problem(k.badTopic, { reason: topic }, { field: 'batch' });
}

/** Pauses, resumes where it stood, or ends for good. */
export async function move(
  ports: SubscriptionPorts,
  id: number,
  action: 'pause' | 'resume' | 'end',
  version: number,
  p: Principal,
): Promise<void> {
  const sub = await mine(ports, id, p, action);
  const [from, to] = {
    pause: [['active'], 'paused'],
    resume: [['paused'], 'active'],
    end: [['active', 'paused'], 'ended'],
  }[action] as [SubscriptionRow['state'][], SubscriptionRow['state']];
  need(sub, ...from);
  const at = ports.clock.now();
  const reason = action === 'pause' ? k.pauseReasons.byPerson.code : null;
  await ports.db.tx(async (trx) => {
    await set(trx, sub, version, { state: to, reason, reason_at: reason && at }, at);
    if (action === 'resume') await refresh(trx, id);
    if (action === 'end') await sql`DELETE FROM subscriptions.secret WHERE subscription = ${id}`.execute(trx);
    await audited(ports, trx, p, action, id, { from: sub.state });
  });
  await ports.pusher.reload(id);
  ports.arrivals.tell(sub.source);
}

/** Sends again from a sequence, an instant, or everything that stands now. */
export async function replay(
  ports: SubscriptionPorts,
  id: number,
  body: z.output<typeof replayBody>,
  p: Principal,
): Promise<void> {
  const sub = await mine(ports, id, p, 'replay');
  need(sub, 'active', 'paused');
  const stream = await ports.lake.session((s) => streamOf(s, sub.source));
  if (!stream) throw new Problem(k.noRecords);
  const head = Number(stream.head);
  const floor = Number(stream.floor);
  let seq = head;
  if ('after' in body.from) seq = body.from.after;
  else if ('since' in body.from) {
    const since = new Date(body.from.since);
    const row = await ports.lake.session((s) =>
      s.first<{ seq: number | null; oldest: string | null }>(
        'SELECT min(seq) FILTER (found >= $since) AS seq, min(found) AS oldest FROM sub.change WHERE stream = $stream',
        { since, stream: stream.stream },
      ),
    );
    // Before the oldest change that is kept others were dropped: whoever asks for them is told.
    if (floor > 0 && since.getTime() < ports.clock.now().getTime() - 7 * 86_400_000)
      throw new Problem(k.tooOld, { first: floor + 1 }, { field: 'from' });
    seq = row?.seq ? Number(row.seq) - 1 : head;
  }
  if (seq > head) throw new Problem(k.ahead, { seq, head }, { field: 'from' });
  if (seq < floor) throw new Problem(k.tooOld, { first: floor + 1 }, { field: 'from' });
  const phase = 'all' in body.from ? 'start' : 'live';
  await ports.db.tx(async (trx) => {
    await set(trx, sub, body.version, {}, ports.clock.now());
    await sql`UPDATE subscriptions.cursor SET generation = generation + 1, phase = ${phase}, seq = ${seq}, previous = NULL,
      after = NULL, pending = NULL, next_at = NULL, failures = 0, failing_since = NULL, issued = NULL, issued_to = NULL
      WHERE subscription = ${id}`.execute(trx);
    await audited(ports, trx, p, 'replay', id, { from: body.from, sequence: seq });
  });
  await ports.pusher.reload(id);
  ports.arrivals.tell(sub.source);
}

/** A new secret; the old one holds for a day beside it. */
export async function rotate(
  ports: SubscriptionPorts,
  id: number,
  version: number,
  p: Principal,
): Promise<{ secret: string; oldUntil: string | null }> {
  const sub = await mine(ports, id, p, 'rotate');
  need(sub, 'active', 'paused');
  if (sub.kind === 'mqtt') throw new Problem(k.secretKind);
  const at = ports.clock.now();
  const until = new Date(at.getTime() + ROTATION_HOURS * 3_600_000);
  const secret = sub.kind === 'pull' ? newToken() : newSecret();
  return ports.db.tx(async (trx) => {
    const held = await secretsOf(trx, id, at);
    const old = held.find((s) => s.expires_at);
    if (old) throw new Problem(k.rotating, { until: old.expires_at!.toISOString() });
    await set(trx, sub, version, {}, at);
    await sql`UPDATE subscriptions.secret SET expires_at = ${until} WHERE subscription = ${id} AND kind <> 'password'`.execute(
      trx,
    );
    await ports.secrets.keep(trx, id, sub.kind === 'pull' ? 'token' : 'signing', secret, at);
    await audited(ports, trx, p, 'rotate', id, { oldUntil: held.length ? until.toISOString() : null });
    return { secret, oldUntil: held.length ? until.toISOString() : null };
  });
}

/** Sends an event that says it is a test; it has no place in the stream. */
export async function test(ports: SubscriptionPorts, id: number, p: Principal): Promise<z.input<typeof tested>> {
  const sub = await mine(ports, id, p, 'test');
  need(sub, 'active', 'paused');
  if (sub.kind === 'pull') throw new Problem(k.stateNow, { state: sub.kind });
  const mark = randomBytes(8).toString('hex');
  const message = controlMessage(
    'test',
    {
      ...{
        prefix: `msg_${id}`,
        id: `test-${mark}`,
        source: eventSource(ports.city, id),
        time: ports.clock.now(),
        seq: 0,
      },
      ...{ partition: 0, batch: sub.batch },
    },
    { test: true, by: p.organisation },
  );
  const outcome = await ports.pusher.once(sub, message);
  await ports.audit.append({
    ...{ actor: p, action: 'subscriptions.test', object: `subscription/${id}`, outcome: outcome.ok ? 'ok' : 'failed' },
    detail: { status: outcome.status, problem: outcome.problem?.code ?? null },
  });
  const { problem } = outcome;
  return {
    ...{ ok: outcome.ok, status: outcome.status, ms: outcome.ms },
    problem: problem && { code: problem.code, title: k.sentence(problem.code, outcome.status)! },
  };
}
