/**
 * The certificate of an erasure: what was done, where, with how much; what a law keeps; who was told. It names nobody: a keyed digest tells who
 * holds the number and may ask here whether it is about them. It is sealed, so that anyone can verify that it was not changed since.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { Problem } from '../platform/problem.ts';
import { erasureDuties } from '../sharing/index.ts';
import { nameOfOrganisation } from './names.ts';
import type { ErasurePorts } from './ports.ts';
import { noCertificate } from './problems.ts';
import type { StepDetail } from './run.ts';
import { decisionsOf, type Matter, matterOf, note } from './store.ts';

/** A step with what it did. */
export interface DoneStep {
  step: string;
  detail: StepDetail;
}

/** The certificate's text: JSON with two blanks, as it is sealed. */
async function textOf(ports: ErasurePorts, m: Matter, steps: readonly DoneStep[], at: Date): Promise<string> {
  const places = steps.flatMap(({ step, detail }) =>
    (detail.done ?? []).map((d) => ({ room: step.replace(/^room /, ''), ...d })),
  );
  const duties = await erasureDuties(ports.db.kysely, { erasure: m.id });
  const of = (name: string) => steps.find((s) => s.step === name)?.detail;
  const vault = of('vault');
  const searched = of('search')?.searched;
  const certificate = {
    format: 'jingwei-erasure/1',
    title: '个人信息删除证明 Certificate of erasure',
    law: '《中华人民共和国个人信息保护法》第四十七条',
    city: ports.config.city,
    matter: m.id,
    subject: { digest: m.digest, kind: 'HMAC-SHA-256 over the token of the identity number, under a key of the hub' },
    ground: m.ground,
    document: m.document,
    received: m.received,
    decided: { at: m.decided_at?.toISOString() ?? null, persons: 2 },
    executed: (m.executed_at ?? at).toISOString(),
    deleted: places
      .filter((p) => p.action !== 'keep')
      .map(({ room, place, title, count, action }) => ({ room, place, title, count, action })),
    kept: places
      .filter((p) => p.action === 'keep')
      .map(({ room, place, title, count, ground }) => ({
        room,
        place,
        title,
        count,
        ground: ground ?? null,
        how: '限制处理：仅存储 restricted: stored only',
      })),
    vault: { destroyed: vault?.values ?? 0, kept: vault?.kept ?? 0 },
    receivers: duties.map((d) => ({
      organisation: nameOfOrganisation(ports, d.requester),
      grant: d.share,
      records: d.records.length,
      told: d.told_at.toISOString(),
      due: d.due,
      acknowledged: d.acknowledged_at?.toISOString() ?? null,
    })),
    searched: searched
      ? { storeTables: searched.storeTables, lakeTables: searched.lakeTables, found: searched.found.length }
      : null,
    lake: { rewritten: of('rewrite')?.rewritten ?? 'none', blocksOverwritten: of('rewrite')?.blocks ?? 0 },
    backups: of('register')?.kept ? 'kept beside the backups, applied again after a restore' : null,
    madeAt: at.toISOString(),
  };
  return JSON.stringify(certificate, null, 2);
}

/** Makes a certificate, asks for its seal, and says in the same transaction that the matter is executed (or closed). */
export async function certify(ports: ErasurePorts, id: number, steps: readonly DoneStep[]): Promise<void> {
  const m = await matterOf(ports.db.kysely, id);
  const at = ports.clock.now();
  const reasons = await reasonsOf(ports, id);
  const named = steps.map(({ step, detail }) => {
    const done = detail.done?.map((d) => {
      const reason = reasons.get(d.place);
      return reason ? { ...d, ground: reason } : d;
    });
    return { step, detail: done ? { ...detail, done } : detail };
  });
  const text = await textOf(ports, m, named, at);
  const sha256 = createHash('sha256').update(text).digest('hex');
  await ports.db.tx(async (trx) => {
    const before = await sql<{
      n: number;
    }>`SELECT coalesce(max(revision), 0)::int AS n FROM erasure.certificate WHERE matter = ${id}`.execute(trx);
    const revision = before.rows[0]!.n + 1;
    const seal = await ports.seal.request(
      {
        ...{ kind: 'file', subject: `erasure/${id}/${revision}`, organisation: null },
        title: { zh: `个人信息删除证明（事项 ${id}）`, en: `Certificate of erasure (matter ${id})` },
        imprint: new Uint8Array([1, ...Buffer.from(sha256, 'hex')]),
        facts: { matter: id, revision },
      },
      trx,
    );
    await sql`INSERT INTO erasure.certificate (matter, revision, text, sha256, seal, at)
      VALUES (${id}, ${revision}, ${text}, ${sha256}, ${seal}, ${at})`.execute(trx);
    if (m.state === 'running') {
      await sql`UPDATE erasure.matter SET state = 'executed', executed_at = ${at}, mask = NULL, problem = NULL WHERE id = ${id}`.execute(
        trx,
      );
      await note(ports, trx, id, 'executed', null, { detail: { sha256 } });
      await ports.notices.withdraw(trx, { kind: 'erasure.overdue', about: `erasure/${id}` });
      await ports.notices.tell(trx, {
        ...{
          key: `erasure.matter/${id}/executed`,
          kind: 'erasure.matter',
          about: `erasure/${id}`,
          link: `/erasure/${id}`,
        },
        to: [{ role: 'data-steward' }],
        title: { zh: `删除事项 ${id} 已执行`, en: `Erasure ${id} was carried out` },
        text: { zh: '证明已出具，请答复申请人。', en: 'Its certificate is made: answer the person.' },
      });
    } else {
      await sql`UPDATE erasure.matter SET state = 'closed', closed_at = ${at} WHERE id = ${id}`.execute(trx);
      await note(ports, trx, id, 'closed', null, { detail: { sha256 } });
    }
  });
}

/** Why classes are kept that an officer decided on, by place; rooms name the ground of what their declarations keep. */
const reasonsOf = async (ports: ErasurePorts, id: number): Promise<Map<string, { zh: string; en: string }>> =>
  new Map(
    (await decisionsOf(ports.db.kysely, id)).flatMap((d) =>
      ['raw', 'quarantine'].map((place) => [`${place}:${d.source}`, { zh: d.reason, en: d.reason }] as const),
    ),
  );

/** The newest certificate, or one revision of it; Problem `erasure.no-certificate`. */
export async function certificateOf(ports: ErasurePorts, id: number, revision?: number) {
  const { rows } = await sql<{
    revision: number;
    text: string;
    sha256: string;
    seal: number;
    at: Date;
  }>`SELECT revision, text, sha256, seal, at
    FROM erasure.certificate WHERE matter = ${id} AND ${revision === undefined ? sql`true` : sql`revision = ${revision}`}
    ORDER BY revision DESC LIMIT 1`.execute(ports.db.kysely);
  if (!rows[0]) throw new Problem(noCertificate);
  return rows[0];
}
