/** What the platform itself puts right when store and lake are of different moments. Every step may be done again. */
import { type Kysely, sql } from 'kysely';
import type { AnyTables } from '../../db/index.ts';
import { Problem } from '../../problem.ts';
import type { Deps } from '../../room.ts';
import { bringErasures } from '../erasures.ts';
import { repositoryOf } from '../service.ts';
import type { Turn, TurnStep } from './turn.ts';

/**
 * Numbers that are passed over: those that were given after the marks were last raised, and on a lost machine nobody knows how many were, are never
 * given again. Sequences of integers have two thousand millions.
 */
const MARGIN = { integer: 100_000, bigint: 1_000_000 } as const;

/** Does the platform's steps. */
export async function ownSteps(deps: Deps, turn: Turn, lastSigned: () => Promise<number | null>): Promise<TurnStep[]> {
  return [
    await mirrors(deps),
    await sessions(deps, turn),
    await openJobs(deps),
    await signatures(deps, turn, await lastSigned()),
    erasures(deps),
    audit(turn),
    withdrawn(turn),
  ];
}

/** Passes over every number of every sequence that may have been given. `ids`: the last ones that the lake knows. */
export async function passNumbers(trx: Kysely<AnyTables>, ids: Record<string, number>): Promise<TurnStep> {
  const { rows } = await sql<{ schema: string; name: string; type: string; last: number | null; max: number }>`
    SELECT schemaname AS schema, sequencename AS name, data_type::text AS type, last_value::float8 AS last, max_value::float8 AS max
      FROM pg_sequences WHERE schemaname IN (SELECT room FROM platform.migration)`.execute(trx);
  for (const { schema, name, type, last, max } of rows) {
    const known = Math.max(last ?? 0, ids[`${schema}.${name}`] ?? 0);
    const to = Math.min(max - 1, known + (type === 'bigint' ? MARGIN.bigint : MARGIN.integer));
    await sql`SELECT setval((quote_ident(${schema}) || '.' || quote_ident(${name}))::regclass, ${to}::bigint)`.execute(
      trx,
    );
  }
  return {
    ...{ id: 'numbers', count: rows.length, left: false },
    text: {
      zh: '编号序列已越过可能给出过的号码，任何编号不会再给第二次',
      en: 'sequences passed over every number that may have been given: none is given twice',
    },
  };
}

async function mirrors({ db, lake }: Deps): Promise<TurnStep> {
  const all = await lake.query<{ name: string }>('SELECT name FROM mirror.kept');
  await lake.write('mirror', (s) => s.run('UPDATE mirror.kept SET whole = false'));
  await db.query('DELETE FROM mirror.change');
  return {
    ...{ id: 'mirrors', count: all.length, left: false },
    text: {
      zh: '数据湖中业务表的镜像从业务库重新生成',
      en: "the lake's mirrors of the store's tables are made anew from the store",
    },
  };
}

async function sessions({ db }: Deps, turn: Turn): Promise<TurnStep> {
  const rows = await db.query('UPDATE auth.session SET ended_at = $1 WHERE ended_at IS NULL RETURNING id', [turn.now]);
  return {
    ...{ id: 'sessions', count: rows.length, left: false },
    text: { zh: '所有登录会话已结束，须重新登录', en: 'all sessions ended: everybody signs in again' },
  };
}

async function openJobs({ db }: Deps): Promise<TurnStep> {
  const [row] = await db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM jobs.job WHERE state IN ('queued', 'running')`,
  );
  return {
    ...{ id: 'jobs', count: row!.n, left: false },
    text: {
      zh: '当时未完成的任务将继续或重做（任务均可重做）',
      en: 'jobs that were open then go on or are done again, as after a kill',
    },
  };
}

/** Signatures of seconds that the calendar does not have: they are kept aside, and their seals are signed again. */
async function signatures({ db }: Deps, turn: Turn, last: number | null): Promise<TurnStep> {
  const text = {
    zh: '签名所在的秒不在日历中的签封：旧签名另存，已重新请求签名（时间以新签名为准）',
    en: 'seals signed in seconds that are not in the calendar any more: the old signatures are kept aside, they are signed again (with a later time)',
  };
  if (last === null) return { id: 'signatures', count: 0, left: true, text };
  const count = await db.tx(async (trx) => {
    // A second's grain: a signature of the calendar's last second is in it.
    const after = new Date(last + 1000);
    const { rows } = await sql`INSERT INTO backup.seal_before (seal, signature, signed_at, turn)
      SELECT id, signature, signed_at, ${turn.id} FROM seal.seal WHERE signature IS NOT NULL AND signed_at >= ${after}
      RETURNING seal`.execute(trx);
    if (!rows.length) return 0;
    // A seal is kept as it is, by a trigger; here alone it is taken back, and the old one stands aside.
    await sql`ALTER TABLE seal.seal DISABLE TRIGGER seal_kept`.execute(trx);
    await sql`UPDATE seal.seal SET signature = NULL, signed_at = NULL, published_at = NULL
      WHERE signature IS NOT NULL AND signed_at >= ${after}`.execute(trx);
    await sql`ALTER TABLE seal.seal ENABLE ALWAYS TRIGGER seal_kept`.execute(trx);
    return rows.length;
  });
  return { id: 'signatures', count, left: true, text };
}

const audit = (turn: Turn): TurnStep => ({
  ...{ id: 'audit', count: turn.behind === 'lake' ? 0 : 1, left: true },
  text: {
    zh: '审计从恢复的时刻接着编号：此后的旧审计条目不在业务库中（已签封的段落仍可在旧库或导出件上核验）',
    en: 'the audit goes on from the moment that was restored: entries after it are not in the store (sealed stretches of them can still be verified in the old store or an export)',
  },
});

const withdrawn = (turn: Turn): TurnStep => ({
  ...{ id: 'withdrawn', count: turn.behind === 'lake' ? 0 : 1, left: true },
  text: {
    zh: '该时刻之后停用的账号、收回的角色与授权、改过的口令又回到当时的状态，请逐项重做',
    en: 'accounts closed, roles and grants withdrawn and passwords changed after that moment are as they were then: do them again one by one',
  },
});

/** Persons who were erased after the moment that was restored: the orders lie beside the backups, and the room of erasure does them again at its start. */
function erasures({ config, folders }: Deps): TurnStep {
  const text = {
    zh: '此前执行过的个人信息删除将在启动时再执行一次',
    en: 'persons who had been erased are erased again at this start',
  };
  try {
    const { folder, dataKey } = repositoryOf(config, folders.keys);
    return { id: 'erasures', count: bringErasures(folder, dataKey, folders.data), left: false, text };
  } catch (error) {
    // Without a repository there is no list of them: whoever erased somebody since then does it again.
    if (!(error instanceof Problem)) throw error;
    return {
      ...{ id: 'erasures', count: 1, left: true },
      text: {
        zh: '没有备份库可查此后执行过的个人信息删除：请按存档的删除证明逐件重做',
        en: 'there is no repository that knows who was erased since: do it again by the certificates that were kept',
      },
    };
  }
}
