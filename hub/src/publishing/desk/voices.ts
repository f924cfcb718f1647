/** What the public said, for departments and the authority: requests and errors with their days, ratings to be looked at. */
import { sql } from 'kysely';
import type { z } from 'zod';
import { catalogueOf } from '../../catalogue/index.ts';
import type { Principal } from '../../platform/auth/principal.ts';
import { cityDay, standingOf } from '../../platform/law/index.ts';
import { Problem } from '../../platform/problem.ts';
import { nameOf } from '../../sharing/index.ts';
import type { PublishingPorts } from '../ports.ts';
import { notYours, unknownMessage, wrongState } from '../problems.ts';
import { refusePersonal } from '../public/words.ts';
import { openDataset } from '../rows.ts';
import type { answerBody } from './api.ts';

interface MessageRow {
  id: number;
  kind: 'request' | 'error';
  title: string;
  body: string;
  organisation: string | null;
  state: 'waiting' | 'answered';
  outcome: string | null;
  answer: string | null;
  due: string | null;
  at: Date;
  answered_at: Date | null;
  dataset: number | null;
  slug: string | null;
  dataset_title: { zh: string; en: string } | null;
}
const isAuthority = (p: Principal): boolean => p.permissions.has('open.manage');
/** The department asked, or, where none is, the authority. */
const mayAnswer = (p: Principal, m: { organisation: string | null }): boolean =>
  m.organisation === null ? isAuthority(p) : p.permissions.has('open.propose') && p.organisation === m.organisation;

/** Messages that somebody handles or oversees, those that wait first; ratings whose words wait or were looked at. */
export async function voices(ports: PublishingPorts, p: Principal) {
  const own = isAuthority(p) ? null : (p.organisation ?? '');
  const found =
    await sql<MessageRow>`SELECT m.id, m.kind, m.title, m.body, m.organisation, m.state, m.outcome, m.answer,
      m.due::text AS due, m.at, m.answered_at, m.dataset, d.slug, d.title AS dataset_title
    FROM publishing.message m LEFT JOIN publishing.dataset d ON d.id = m.dataset
    WHERE ${own}::text IS NULL OR m.organisation = ${own} ORDER BY m.state DESC, m.due NULLS LAST, m.id DESC LIMIT 300`.execute(
      ports.db.kysely,
    );
  const ratings = await sql<{
    id: number;
    dataset: { zh: string; en: string };
    stars: number;
    words: string;
    state: 'waiting' | 'shown' | 'hidden';
    at: Date;
  }>`
    SELECT r.id, d.title AS dataset, r.stars, r.words, r.state, r.at FROM publishing.rating r JOIN publishing.dataset d ON d.id = r.dataset
    WHERE r.words <> '' AND (${own}::text IS NULL OR d.provider = ${own}) ORDER BY r.state DESC, r.id DESC LIMIT 200`.execute(
    ports.db.kysely,
  );
  const today = cityDay(ports.clock.now());
  const calendar = ports.calendar();
  return {
    messages: found.rows.map((m) => ({
      ...{
        id: m.id,
        kind: m.kind,
        title: m.title,
        body: m.body,
        state: m.state,
        outcome: m.outcome,
        answer: m.answer,
        due: m.due,
      },
      organisation: m.organisation ? { id: m.organisation, name: nameOf(ports, m.organisation) } : null,
      dataset: m.dataset === null ? null : { id: m.dataset, slug: m.slug!, title: m.dataset_title! },
      left: m.state === 'waiting' ? standingOf(calendar, { due: m.due, warn: 2 }, today).left : null,
      ...{
        at: m.at.toISOString(),
        answeredAt: m.answered_at?.toISOString() ?? null,
        mayAnswer: m.state === 'waiting' && mayAnswer(p, m),
      },
    })),
    ratings: ratings.rows.map((r) => ({ ...r, at: r.at.toISOString() })),
    organisations: [...catalogueOf(ports.lake).organisations.values()].map((o) => ({ id: o.id, name: o.name })),
    mayAssign: isAuthority(p),
  };
}

async function messageOf(
  ports: PublishingPorts,
  id: number,
  p: Principal,
): Promise<{ organisation: string | null; state: string }> {
  const found = await sql<{
    organisation: string | null;
    state: string;
  }>`SELECT organisation, state FROM publishing.message
    WHERE id = ${id}`.execute(ports.db.kysely);
  const m = found.rows[0];
  if (!m || !(isAuthority(p) || m.organisation === p.organisation)) throw new Problem(unknownMessage);
  return m;
}

/** Answers a message; a request is published with its answer, which therefore holds nothing personal. */
export async function answer(
  ports: PublishingPorts,
  id: number,
  body: z.output<typeof answerBody>,
  p: Principal,
): Promise<void> {
  const m = await messageOf(ports, id, p);
  if (!mayAnswer(p, m)) throw new Problem(notYours);
  refusePersonal(body.answer);
  const d = body.dataset ? await openDataset(ports, body.dataset) : null;
  await ports.db.tx(async (trx) => {
    const kept =
      await sql`UPDATE publishing.message SET state = 'answered', outcome = ${body.outcome}, answer = ${body.answer},
      answered_by = ${p.login}, answered_at = ${ports.clock.now()}, dataset = coalesce(dataset, ${d?.number ?? null})
      WHERE id = ${id} AND state = 'waiting'`.execute(trx);
    if (Number(kept.numAffectedRows) !== 1) throw new Problem(wrongState, { state: 'answered' });
    await ports.audit.append(
      {
        actor: p,
        action: 'open.answer',
        object: `open-message/${id}`,
        outcome: 'ok',
        detail: { outcome: body.outcome },
      },
      trx,
    );
  });
}

/** The authority hands a request to a department. */
export async function assign(ports: PublishingPorts, id: number, organisation: string, p: Principal): Promise<void> {
  const m = await messageOf(ports, id, p);
  if (!isAuthority(p) || !catalogueOf(ports.lake).organisations.has(organisation)) throw new Problem(notYours);
  if (m.state !== 'waiting') throw new Problem(wrongState, { state: m.state });
  await ports.db.tx(async (trx) => {
    await sql`UPDATE publishing.message SET organisation = ${organisation} WHERE id = ${id} AND state = 'waiting'`.execute(
      trx,
    );
    await ports.audit.append(
      { actor: p, action: 'open.assign', object: `open-message/${id}`, outcome: 'ok', detail: { organisation } },
      trx,
    );
  });
}

/** Shows or hides the words of a rating. */
export async function moderate(ports: PublishingPorts, id: number, show: boolean, p: Principal): Promise<void> {
  if (!isAuthority(p) && !(p.permissions.has('open.propose') && p.organisation)) throw new Problem(notYours);
  await ports.db.tx(async (trx) => {
    const own = isAuthority(p) ? null : p.organisation;
    const kept =
      await sql`UPDATE publishing.rating r SET state = ${show ? 'shown' : 'hidden'}, moderated_by = ${p.login}
      FROM publishing.dataset d WHERE r.id = ${id} AND d.id = r.dataset AND (${own}::text IS NULL OR d.provider = ${own})`.execute(
        trx,
      );
    if (Number(kept.numAffectedRows) !== 1) throw new Problem(unknownMessage);
    await ports.audit.append(
      { actor: p, action: 'open.moderate', object: `open-rating/${id}`, outcome: 'ok', detail: { show } },
      trx,
    );
  });
}
