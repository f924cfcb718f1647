/**
 * The accounts that a start makes: the three administrators, and in demo mode one user of each business role. As long as
 * such an account was never used, every start gives it a new one-time password, so that a lost print-out locks nobody
 * out of a new hub; once it was used, a start never touches it again.
 */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Accounts } from './accounts.ts';
import { keepHistory } from './history.ts';
import { oneTimePassword } from './password.ts';
import type { Role } from './principal.ts';
import { type AuthContext, type Executor, findAccount } from './store.ts';

/** An account that a start made, for printing once. */
export interface FirstAccount {
  login: string;
  name: string;
  role: Role;
  organisation: string | null;
  oneTimePassword: string;
  demo: boolean;
}

type Planned = Omit<FirstAccount, 'oneTimePassword'>;

const administrators: readonly Planned[] = [
  { login: 'sysadmin', name: '系统管理员', role: 'system-admin', organisation: null, demo: false },
  { login: 'secadmin', name: '安全管理员', role: 'security-admin', organisation: null, demo: false },
  { login: 'auditadmin', name: '审计管理员', role: 'audit-admin', organisation: null, demo: false },
];

/** The users of a demonstration; their organisations are in cities/cixi/organisations.yaml. */
export const demoUsers: readonly Planned[] = [
  { login: 'steward', name: '数据管理员（演示）', role: 'data-steward', organisation: null, demo: true },
  { login: 'officer', name: '市场监管局数据专员（演示）', role: 'data-officer', organisation: 'scjg', demo: true },
  { login: 'analyst', name: '分析员（演示）', role: 'analyst', organisation: null, demo: true },
  { login: 'bank', name: '银行信用查询员（演示）', role: 'credit-user', organisation: 'demobank', demo: true },
  { login: 'leader', name: '领导（演示）', role: 'leader', organisation: null, demo: true },
  { login: 'head', name: '市场监管局负责人（演示）', role: 'department-head', organisation: 'scjg', demo: true },
  { login: 'rsj-officer', name: '人力社保局数据专员（演示）', role: 'data-officer', organisation: 'rsj', demo: true },
  { login: 'rsj-head', name: '人力社保局负责人（演示）', role: 'department-head', organisation: 'rsj', demo: true },
  { login: 'mzj-officer', name: '民政局数据专员（演示）', role: 'data-officer', organisation: 'mzj', demo: true },
  { login: 'collector', name: '网格采集员（演示）', role: 'collector', organisation: 'mzj', demo: true },
  { login: 'duty', name: '应急指挥中心值班员（演示）', role: 'duty-officer', organisation: 'yjgl', demo: true },
  { login: 'field', name: '综合执法处置人员（演示）', role: 'field-officer', organisation: 'zhzf', demo: true },
  { login: 'archivist', name: '档案员（演示）', role: 'archivist', organisation: null, demo: true },
];

/** Makes what is missing; answers the accounts whose one-time passwords are new now. */
export async function firstAccounts(context: AuthContext, accounts: Accounts): Promise<FirstAccount[]> {
  const made: FirstAccount[] = [];
  for (const planned of [...administrators, ...(context.demo ? demoUsers : [])]) {
    const known = await findAccount({ login: planned.login }, context.db.kysely);
    if (known && (!known.built_in || known.last_sign_in !== null)) continue;
    const password = oneTimePassword();
    const hash = await accounts.hash(password);
    await context.db.tx(async (trx) => {
      if (known) await renew(context, known.id, hash, trx);
      else await make(context, planned, hash, trx);
    });
    made.push({ ...planned, oneTimePassword: password });
  }
  return made;
}

async function make(context: AuthContext, planned: Planned, hash: string, trx: Executor): Promise<void> {
  const id = randomUUID();
  const now = context.clock.now();
  await sql`INSERT INTO auth.account
      (id, login, name, organisation, password_hash, password_set_at, must_change, built_in, demo, created_at)
    VALUES (${id}, ${planned.login}, ${planned.name}, ${planned.organisation}, ${hash}, ${now}, true, true,
      ${planned.demo}, ${now})`.execute(trx);
  await sql`INSERT INTO auth.role_grant (account, role, organisation, granted_at)
    VALUES (${id}, ${planned.role}, ${planned.organisation}, ${now})`.execute(trx);
  await keepHistory(id, now, trx);
  const object = `user/${planned.login}`;
  const detail = { role: planned.role, organisation: planned.organisation, demo: planned.demo };
  await context.audit.append({ actor: null, action: 'auth.user-create', object, outcome: 'ok', detail }, trx);
}

async function renew(context: AuthContext, id: string, hash: string, trx: Executor): Promise<void> {
  const changed = await sql<{ login: string }>`UPDATE auth.account
    SET password_hash = ${hash}, password_set_at = ${context.clock.now()}, must_change = true
    WHERE id = ${id} AND last_sign_in IS NULL RETURNING login`.execute(trx);
  const object = `user/${changed.rows[0]?.login ?? id}`;
  await context.audit.append(
    { actor: null, action: 'auth.password-reset', object, outcome: 'ok', detail: { at: 'start' } },
    trx,
  );
}
