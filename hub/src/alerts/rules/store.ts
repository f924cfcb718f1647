/** Rules and their versions as they are kept: files are registered, people make further versions, one version is in force. */
import { type Kysely, sql } from 'kysely';
import { canonicalJson } from '../../platform/audit/index.ts';
import type { Principal } from '../../platform/auth/principal.ts';
import type { AnyTables, Db } from '../../platform/db/index.ts';
import { Problem } from '../../platform/problem.ts';
import type { Deps } from '../../platform/room.ts';
import { imprintOf } from '../../platform/seal/index.ts';
import type { SealSubject } from '../../platform/seal/port.ts';
import * as k from '../problems.ts';
import { type Rule, ruleSchema } from '../pure/index.ts';
import { type DeclaredRule, ruleHash } from './declaration.ts';

/** Most rules of a hub. */
export const MOST_RULES = 500;

/** A version as it is kept. */
export interface VersionRow {
  rule: string;
  version: number;
  hash: string;
  source: 'file' | 'person';
  body: Rule;
  note: string | null;
  made_name: string | null;
  made_at: Date;
}
/** A rule with its version in force. */
export interface RuleRow extends VersionRow {
  state: 'live' | 'paused';
  changed_at: Date;
}

/** Every rule with its version in force, by name. */
export async function rulesInForce(db: Kysely<AnyTables>): Promise<RuleRow[]> {
  const { rows } = await sql<RuleRow>`SELECT v.*, r.state, r.changed_at FROM alerts.rule r
    JOIN alerts.rule_version v ON v.rule = r.name AND v.version = r.version ORDER BY r.name`.execute(db);
  // A version kept by an earlier schema gets today's defaults.
  return rows.map((row) => ({ ...row, body: ruleSchema.parse(row.body) }));
}

/** Versions of a rule, the newest first. */
export async function versionsOf(db: Kysely<AnyTables>, rule: string): Promise<VersionRow[]> {
  return (
    await sql<VersionRow>`SELECT * FROM alerts.rule_version WHERE rule = ${rule} ORDER BY version DESC LIMIT 200`.execute(
      db,
    )
  ).rows;
}

async function addVersion(trx: Kysely<AnyTables>, version: VersionRow & { made_by: string | null }): Promise<void> {
  await sql`INSERT INTO alerts.rule_version (rule, version, hash, source, body, note, made_by, made_name, made_at) VALUES (
    ${version.rule}, ${version.version}, ${version.hash}, ${version.source}, ${JSON.stringify(version.body)}::jsonb,
    ${version.note}, ${version.made_by}, ${version.made_name}, ${version.made_at})`.execute(trx);
}

/**
 * Registers declared files. New content is a new version; it comes into force unless people made the version in force, which a file never
 * overrules: then it stands among the versions, to be taken by somebody.
 */
export async function registerFiles(db: Db, files: readonly DeclaredRule[], at: Date): Promise<void> {
  for (const { rule } of files) {
    if (!rule) continue;
    const hash = ruleHash(rule);
    await db.tx(async (trx) => {
      const { rows } = await sql<{ version: number; file_hash: string | null; source: string; newest: number }>`
        SELECT r.version, r.file_hash, v.source, (SELECT max(version) FROM alerts.rule_version WHERE rule = r.name) AS newest
        FROM alerts.rule r JOIN alerts.rule_version v ON v.rule = r.name AND v.version = r.version
        WHERE r.name = ${rule.rule}`.execute(trx);
      const now = rows[0];
      if (now?.file_hash === hash) return;
      const version = (now?.newest ?? 0) + 1;
      const made = { note: null, made_by: null, made_name: null, made_at: at };
      await addVersion(trx, { ...{ rule: rule.rule, version, hash, source: 'file', body: rule }, ...made });
      if (now) {
        await sql`UPDATE alerts.rule SET file_hash = ${hash}, changed_at = ${at},
          version = ${now.source === 'file' ? version : now.version} WHERE name = ${rule.rule}`.execute(trx);
      } else
        await sql`INSERT INTO alerts.rule (name, state, version, file_hash, changed_at)
          VALUES (${rule.rule}, 'live', ${version}, ${hash}, ${at})`.execute(trx);
    });
  }
}

/** A version that somebody made comes into force. Answers its number. */
export async function putRule(
  deps: Pick<Deps, 'db' | 'audit' | 'clock'>,
  rule: Rule,
  who: Principal,
  given: { note: string; base: number | null },
): Promise<number> {
  const at = deps.clock.now();
  const hash = ruleHash(rule);
  return deps.db.tx(async (trx) => {
    const { rows } = await sql<{ version: number; newest: number; hash: string }>`SELECT r.version, v.hash,
        (SELECT max(version) FROM alerts.rule_version WHERE rule = r.name) AS newest
      FROM alerts.rule r JOIN alerts.rule_version v ON v.rule = r.name AND v.version = r.version
      WHERE r.name = ${rule.rule} FOR UPDATE OF r`.execute(trx);
    const now = rows[0];
    if (given.base === null && now) throw new Problem(k.ruleExists, { rule: rule.rule }, { pointer: '/rule' });
    if (given.base !== null && !now) throw new Problem(k.unknownRule, { rule: rule.rule });
    if (now && now.version !== given.base) throw new Problem(k.changedMeanwhile);
    if (now?.hash === hash) throw new Problem(k.ruleSame);
    if (!now) {
      const count = await sql<{ n: number }>`SELECT count(*) AS n FROM alerts.rule`.execute(trx);
      if (count.rows[0]!.n >= MOST_RULES) throw new Problem(k.tooManyRules, { most: MOST_RULES });
    }
    const version = (now?.newest ?? 0) + 1;
    const made = { note: given.note, made_by: who.userId, made_name: who.name, made_at: at };
    await addVersion(trx, { ...{ rule: rule.rule, version, hash, source: 'person', body: rule }, ...made });
    if (now)
      await sql`UPDATE alerts.rule SET version = ${version}, changed_at = ${at}, changed_by = ${who.userId}
        WHERE name = ${rule.rule}`.execute(trx);
    else
      await sql`INSERT INTO alerts.rule (name, state, version, changed_at, changed_by)
        VALUES (${rule.rule}, 'live', ${version}, ${at}, ${who.userId})`.execute(trx);
    await deps.audit.append(
      { actor: who, action: 'alerts.rule-put', object: `rule/${rule.rule}`, outcome: 'ok', detail: { version, hash } },
      trx,
    );
    return version;
  });
}

/** An earlier version comes into force again, or the rule is paused or goes on. */
export async function setRule(
  deps: Pick<Deps, 'db' | 'audit' | 'clock'>,
  name: string,
  who: Principal,
  set: { state?: 'live' | 'paused'; version?: number },
): Promise<void> {
  await deps.db.tx(async (trx) => {
    const { rows } = await sql`UPDATE alerts.rule SET state = coalesce(${set.state ?? null}, state),
        version = coalesce(${set.version ?? null}::integer, version), changed_at = ${deps.clock.now()}, changed_by = ${who.userId}
      WHERE name = ${name} AND (${set.version ?? null}::integer IS NULL OR EXISTS (
        SELECT 1 FROM alerts.rule_version v WHERE v.rule = name AND v.version = ${set.version ?? null}::integer))
      RETURNING name`.execute(trx);
    if (!rows.length) throw new Problem(k.unknownRule, { rule: name });
    await deps.audit.append(
      { actor: who, action: 'alerts.rule-set', object: `rule/${name}`, outcome: 'ok', detail: { ...set } },
      trx,
    );
  });
}

/** Every version as a subject of seals: by which rule it was warned can be proven later. */
export async function ruleSubjects(db: Db): Promise<SealSubject[]> {
  const { rows } = await sql<VersionRow>`SELECT * FROM alerts.rule_version`.execute(db.kysely);
  return rows.map((v) => ({
    kind: 'rule',
    subject: `alerts/${v.rule}/${v.version}`,
    title: {
      zh: `预警规则 ${v.body.title.zh} 第 ${v.version} 版`,
      en: `Rule of warning ${v.body.title.en}, version ${v.version}`,
    },
    organisation: null,
    imprint: imprintOf(canonicalJson(v.body)),
    facts: { rule: v.rule, version: v.version },
  }));
}
