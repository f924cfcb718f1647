/** What steps do beside moving the state: the columns that they set, whom they tell, what begins with them. */
import { randomBytes } from 'node:crypto';
import { type Kysely, sql } from 'kysely';
import type { AnyTables } from '../platform/db/index.ts';
import { cityDay } from '../platform/law/index.ts';
import { Problem } from '../platform/problem.ts';
import { act, type Effect, type Taking } from './act.ts';
import { meetClock } from './clocks.ts';
import { askDelivery, nextDay } from './delivery/ask.ts';
import { sharedEntry } from './entries.ts';
import type { MachineName } from './machine.ts';
import { AUTHORITY, keepStep, matterOf, type NoticeKind, notify } from './matters.ts';
import { laterNeeded, notSubset } from './problems.ts';

type Of<M extends MachineName> = (taking: Taking<M>) => Effect;
type Table = { readonly [M in MachineName]: Readonly<Record<string, Of<M>>> };

/** Tells sides of a matter. */
const tell =
  (t: Taking, kind: NoticeKind, ...to: string[]) =>
  async (trx: Kysely<AnyTables>): Promise<void> => {
    const about = { request: t.request.id, share: t.machine === 'share' ? t.row.id : null };
    for (const organisation of to)
      await notify(
        t.ports,
        trx,
        organisation,
        kind,
        about,
        { action: t.body.action, ...(t.body.comment ? { comment: t.body.comment } : {}) },
        t.at,
      );
  };

const later = (day: string, than: string, field: string): void => {
  if (day <= than) throw new Problem(laterNeeded, { day: than }, { field });
};

/** The grant that follows from a request, with its first delivery where nothing is to be waited for. */
async function begin(trx: Kysely<AnyTables>, t: Taking<'request'>): Promise<void> {
  const { ports, row, at } = t;
  const c = row.content;
  const items = sharedEntry(ports, row.entry)?.items ?? [];
  // Personal values are covered where they were asked for one by one, with their necessity; sensitive ones stay in the vault.
  const plain = c.items.filter((name) => {
    const item = items.find((i) => i.name === name);
    return item?.protection === 'personal' && c.necessity[name];
  });
  const chosen = [...new Set(c.items)].filter((name) => items.some((i) => i.name === name));
  const made = await sql<{
    id: number;
  }>`INSERT INTO sharing.share (request, requester, provider, entry, state, mode, items,
      plain, filter, frequency, format, mark, since, until, next_delivery, created_at)
    VALUES (${row.id}, ${row.requester}, ${row.provider}, ${row.entry}, 'active', ${c.mode}, ${JSON.stringify(chosen)}::jsonb,
      ${JSON.stringify(plain)}::jsonb, ${JSON.stringify(c.filter)}::jsonb, ${c.frequency}, ${c.format},
      ${randomBytes(16).toString('hex')}, ${cityDay(at)}::date, ${c.until}::date, ${c.mode === 'batch' ? nextDay(c.frequency, cityDay(at)) : null}::date,
      ${at}) RETURNING id`.execute(trx);
  const id = made.rows[0]!.id;
  t.grants.push(id);
  await tell(t, 'granted', row.requester)(trx);
  if (c.mode === 'service') return opened(trx, t, id);
  // What is shared without condition is served as soon as both heads have agreed.
  if (row.sharing === 'unconditional') {
    const share = await matterOf(trx, 'share', id, null);
    await askDelivery(ports, share, { kind: 'full', format: share.format }, t.principal, trx);
  }
}

/** A service interface is open as soon as it is granted: there is nothing to be made first. */
async function opened(trx: Kysely<AnyTables>, t: Taking<'request'>, share: number): Promise<void> {
  await meetClock(trx, t.row.id, 'request.deliver', t.at);
  await keepStep(trx, {
    ...{ request: t.row.id, matter: 'share', id: share, action: 'opened', from_state: null, to_state: 'active' },
    ...{ actor: 'hub', login: null, organisation: null, deputy_for: null, article: 22, comment: null, detail: null },
    at: t.at,
  });
}

const closeDispute = (t: Taking<'dispute'>, outcome: string | null): Effect => ({
  set: { ended_at: t.at },
  async after(trx) {
    await tell(t, 'dispute', t.row.requester, t.row.provider, AUTHORITY)(trx);
    if (outcome !== 'share' || t.request.state !== 'refused') return;
    const step = { action: 'reopen', version: t.request.version, comment: '', data: {} };
    await act(t.ports, 'request', t.request.id, step, null, trx);
  },
});
const side = (t: Taking): 'requester' | 'provider' =>
  t.held.capacity.startsWith('requester') ? 'requester' : 'provider';

const requests: Table['request'] = {
  propose: (t) => ({ set: { proposed_by: t.principal?.login ?? null } }),
  'agree-own': (t) => ({ set: { submitted_at: t.at }, after: tell(t, 'submitted', t.row.provider) }),
  'ask-supplement': (t) => ({
    set: { missing: { json: t.body.data.missing } },
    detail: { missing: t.body.data.missing },
    after: tell(t, 'supplement', t.row.requester),
  }),
  resubmit: (t) => ({ after: tell(t, 'submitted', t.row.provider) }),
  advise: (t) => ({
    set: {
      advice: { json: { share: t.body.data.share, comment: t.body.comment, ground: t.body.data.ground ?? null } },
    },
    detail: { share: t.body.data.share, ...(t.body.data.ground ? { ground: t.body.data.ground } : {}) },
  }),
  grant: (t) => ({ set: { decided_at: t.at }, after: (trx) => begin(trx, t) }),
  refuse: (t) => ({
    set: { decided_at: t.at, refusal: { json: { reason: t.body.comment, ground: t.body.data.ground } } },
    detail: { ground: t.body.data.ground },
    after: tell(t, 'refused', t.row.requester),
  }),
  reopen: (t) => ({
    set: { decided_at: null, refusal: null, advice: null },
    after: tell(t, 'dispute', t.row.requester, t.row.provider),
  }),
};

/** An unfinished change or renewal ends with what it was about. */
const closed = { pending: null, renewal: null } as const;

const shares: Table['share'] = {
  suspend(t) {
    later(t.body.data.mendBy!, t.today, 'data.mendBy');
    return {
      set: { ...closed, mend_by: t.body.data.mendBy!, mended: false },
      detail: { mendBy: t.body.data.mendBy },
      after: tell(t, 'suspended', t.row.requester, t.row.provider, AUTHORITY),
    };
  },
  'report-mended': (t) => ({ set: { mended: true }, after: tell(t, 'suspended', t.row.provider, AUTHORITY) }),
  resume: (t) => ({
    set: { mend_by: null, mended: false },
    after: tell(t, 'resumed', t.row.requester, t.row.provider),
  }),
  terminate: (t) => ({ set: closed, after: tell(t, 'ended', t.row.requester, t.row.provider, AUTHORITY) }),
  'propose-change'(t) {
    const change = t.body.data.change!;
    if (!('end' in change)) {
      if (change.until) later(change.until, t.today, 'data.change.until');
      if (change.items?.some((i) => !t.row.items.includes(i)))
        throw new Problem(notSubset, {}, { field: 'data.change.items' });
    }
    return {
      set: { pending: { json: change } },
      detail: { change },
      after: tell(t, 'change', t.row.requester),
    };
  },
  'accept-change'(t) {
    const change = t.row.pending!;
    const set =
      'end' in change
        ? closed
        : {
            ...{ pending: null, until: change.until ?? t.row.until, items: { json: change.items ?? t.row.items } },
            plain: { json: t.row.plain.filter((i) => (change.items ?? t.row.items).includes(i)) },
          };
    // 备案: the authority is told of what both agreed to.
    return { set, detail: { change }, after: tell(t, 'filed', t.row.provider, AUTHORITY) };
  },
  'decline-change': (t) => ({ set: { pending: null }, after: tell(t, 'change', t.row.provider) }),
  'ask-renewal'(t) {
    later(t.body.data.until!, t.row.until, 'data.until');
    const renewal = { until: t.body.data.until!, reason: t.body.comment, asked_by: t.principal!.login, agreed: false };
    return { set: { renewal: { json: renewal } }, detail: { until: renewal.until } };
  },
  'agree-renewal': (t) => ({
    set: { renewal: { json: { ...t.row.renewal!, agreed: true } } },
    after: tell(t, 'renewal', t.row.provider),
  }),
  'grant-renewal': (t) => ({
    set: { until: t.row.renewal!.until, renewal: null, reminded_at: null },
    detail: { until: t.row.renewal!.until },
    after: tell(t, 'renewal', t.row.requester),
  }),
  'decline-renewal': (t) => ({ set: { renewal: null }, after: tell(t, 'renewal', t.row.requester, t.row.provider) }),
  release: (t) => ({
    set: closed,
    detail: { why: t.body.data.why },
    after: tell(t, 'ended', t.row.requester, t.row.provider),
  }),
  expire: (t) => ({ set: closed, after: tell(t, 'ended', t.row.requester, t.row.provider) }),
  'report-disposal': (t) => ({
    set: { disposal: { json: t.body.data.disposal } },
    detail: { ...t.body.data.disposal },
    after: tell(t, 'disposal', t.row.provider),
  }),
  'confirm-disposal': (t) => ({ after: tell(t, 'disposal', t.row.requester) }),
  'reject-disposal': (t) => ({ set: { disposal: null }, after: tell(t, 'disposal', t.row.requester) }),
};

const disputes: Table['dispute'] = {
  state: (t) => ({ after: tell(t, 'dispute', side(t) === 'requester' ? t.row.provider : t.row.requester) }),
  offer: (t) => ({
    set: { outcome: t.body.data.outcome!, words: t.body.comment, offered_by: side(t) },
    detail: { outcome: t.body.data.outcome },
    after: tell(t, 'dispute', t.row.requester, t.row.provider),
  }),
  'accept-offer': (t) => closeDispute(t, t.row.outcome),
  'decline-offer': (t) => ({
    set: { outcome: null, words: null, offered_by: null },
    after: tell(t, 'dispute', t.row.requester, t.row.provider),
  }),
  'to-authority': (t) => ({ after: tell(t, 'dispute', AUTHORITY, t.row.requester, t.row.provider) }),
  coordinate: (t) => ({
    set: { outcome: t.body.data.outcome!, words: t.body.comment },
    detail: { outcome: t.body.data.outcome },
    after: tell(t, 'dispute', t.row.requester, t.row.provider),
  }),
  accept: (t) => (t.transition.to === 'settled' ? closeDispute(t, t.row.outcome) : {}),
  decline: (t) => ({ after: tell(t, 'dispute', AUTHORITY) }),
  decide: (t) => {
    const effect = closeDispute(t, t.body.data.outcome!);
    return {
      ...effect,
      set: { ...effect.set, outcome: t.body.data.outcome!, words: t.body.comment, document: t.body.data.document! },
      detail: { outcome: t.body.data.outcome, document: t.body.data.document },
    };
  },
};

/** By kind of matter and step; a step that is not here moves the state and nothing else. */
export const effects: Table = { request: requests, share: shares, dispute: disputes };
