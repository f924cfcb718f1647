/**
 * Open data of the demonstration, made once after the city is integrated through the service's own functions and by the demonstration's
 * accounts: what the check lets through is opened, what it blocks stays on the desk with its explanation.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { itemsOf, entry as publishedEntry } from '../catalogue/index.ts';
import { recordView } from '../libraries/index.ts';
import { demoUsers } from '../platform/auth/bootstrap.ts';
import { type Principal, permissionsOf, type Role } from '../platform/auth/principal.ts';
import { ident } from '../platform/lake/index.ts';
import type { Deps } from '../platform/room.ts';
import { act, draft, overrule } from './act.ts';
import { hasRecords } from './build.ts';
import type { plan } from './plan.ts';
import { type PublishingPorts, publishingPorts } from './ports.ts';
import { leaveMessage } from './public/messages.ts';
import { datasetOf, latestCheck, overrules, standing } from './store.ts';

type PlanInput = z.input<typeof plan>;
const GROUND = '《浙江省公共数据条例》第二十七条；《中华人民共和国政府信息公开条例》第二十条（演示）';

interface Scene {
  entry: string;
  title?: { zh: string; en: string };
  plan: PlanInput;
  /** Whether it is proposed and opened, or left where the check blocks it. */
  opened: boolean;
}
const shown = (...names: (string | [string, NonNullable<PlanInput['items']>[number]['as']])[]) =>
  names.map((n) => (typeof n === 'string' ? { item: n } : { item: n[0], as: n[1] }));

const scenes: readonly Scene[] = [
  {
    entry: 'jxj.park',
    plan: {
      items: shown('park_cd', 'park_nm', 'park_level', 'division', 'land_area', 'set_year', 'manager'),
      keywords: ['园区', '产业'],
    },
    opened: true,
  },
  {
    entry: 'jtj.road',
    plan: {
      items: shown('road_cd', 'road_nm', 'division', 'road_level', 'width', 'lanes'),
      keywords: ['道路', '交通'],
    },
    opened: true,
  },
  {
    entry: 'kjj.high-tech',
    plan: {
      items: shown('high_tech_doc', 'comp_nm', 'hold_cert_cd', 'issue_dt', 'val_to', 'award_cert'),
      cycle: 'yearly',
      keywords: ['高新技术企业'],
    },
    opened: true,
  },
  {
    entry: 'wglt.tourism-rating',
    plan: {
      items: shown('rate_no', 'comp_nm', ['addr', { kind: 'town' }], 'rate_nm', 'rate_dt', 'val_to'),
      keywords: ['旅游', '酒店'],
    },
    opened: true,
  },
  {
    entry: 'scjg.food-permit',
    title: { zh: '食品经营许可发放数量（按业态）', en: 'Food permits by kind of business' },
    plan: {
      items: shown('subject_stat'),
      aggregate: { measures: [{ kind: 'count' }] },
      ...{ cycle: 'quarterly', keywords: ['食品安全', '统计'] },
    },
    opened: true,
  },
  {
    entry: 'mzj.social-organisation',
    title: { zh: '社会组织数量（按类型）', en: 'Social organisations by kind' },
    plan: {
      items: shown('org_kind'),
      aggregate: { measures: [{ kind: 'count' }, { kind: 'sum', item: 'reg_fund' }] },
      ...{ cycle: 'quarterly', keywords: ['社会组织', '统计'] },
    },
    opened: true,
  },
  {
    entry: 'scjg.legal-representative',
    title: {
      zh: '企业联系名录（演示：审查未通过）',
      en: 'Contacts of enterprises (demonstration: the check blocks it)',
    },
    plan: { items: [] },
    opened: false,
  },
];

/** An account of the demonstration, or one like it for departments that have none. */
function person(role: Role, organisation: string | null): Principal {
  const user = demoUsers.find((u) => u.role === role && u.organisation === organisation);
  const login = user?.login ?? `${role}@${organisation}`;
  return {
    ...{
      userId: login,
      login,
      name: user?.name ?? login,
      organisation,
      roles: [role],
      permissions: permissionsOf([role]),
    },
    ...{ sessionId: 'demo', purpose: null },
  };
}

/** Whether anything of a source was integrated. */
async function hasRows(deps: Deps, source: string): Promise<boolean> {
  if (!(await hasRecords(deps.lake, source))) return false;
  return Boolean(await deps.lake.first(`SELECT 1 AS one FROM v.${ident(recordView(source))} LIMIT 1`));
}

/** Makes the demonstration's open data unless there is any, or what it is made of is not integrated yet. */
export async function demoOpenData(deps: Deps, signal: AbortSignal): Promise<void> {
  const [any] = await deps.db.query('SELECT 1 AS one FROM publishing.dataset LIMIT 1');
  if (any || !(await hasRows(deps, 'scjg.market-entity'))) return;
  const ports = publishingPorts(deps);
  for (const scene of scenes) {
    const found = publishedEntry(deps.db, scene.entry);
    if (!found?.source || !(await hasRows(deps, found.source))) continue;
    signal.throwIfAborted();
    await play(ports, scene, found.provider, signal).catch((error: unknown) =>
      deps.log.warn({ err: error, entry: scene.entry }, 'a demonstration of open data could not be made'),
    );
  }
  await leaveMessage(
    ports,
    {
      kind: 'request',
      title: '希望开放公共停车场位置和泊位数',
      body: '用于周末出行时查找停车场，最好每月更新一次。（演示）',
    },
    () => false,
  );
}

async function play(ports: PublishingPorts, scene: Scene, provider: string, signal: AbortSignal): Promise<void> {
  const officer = person('data-officer', provider);
  const blockedPlan: PlanInput = { items: shown('comp_nm', 'uni_social_crd_cd', ...personalItems(ports, scene.entry)) };
  const wanted = { ground: GROUND, ...(scene.opened ? scene.plan : blockedPlan) };
  const id = await draft(
    ports,
    { entry: scene.entry, plan: wanted, ...(scene.title ? { title: { ...scene.title } } : {}) },
    officer,
  );
  const step = async (action: Parameters<typeof act>[2]['action'], p: Principal, comment = '') => {
    const { version } = await datasetOf(ports.db.kysely, id, null);
    await act(ports, id, { action, version, comment }, p);
  };
  await step('check', officer);
  const check = await checked(ports, id, signal);
  if (!scene.opened || check?.findings.some((f) => f.gravity === 'never')) return;
  await step('submit', officer, '（演示）');
  await step('agree', person('department-head', provider), '同意开放（演示）');
  const authority = person('data-steward', null);
  const left = () => overrules(ports.db.kysely, id).then((o) => standing(check?.findings ?? [], o));
  // Only what the catalogue has not marked yet is let pass; anything else stays on the authority's desk.
  for (const f of (await left()).filter((x) => x.code === 'open.check.not-open')) {
    const { version } = await datasetOf(ports.db.kysely, id, null);
    await overrule(ports, id, { version, finding: f.key, ground: GROUND }, authority);
  }
  if ((await left()).length === 0) await step('open', authority, '同意开放（演示）');
}

/** Every item of the entry that must not be opened: what the explanation is shown with. */
const personalItems = (ports: PublishingPorts, entry: string): string[] =>
  (itemsOf(ports.db, entry) ?? []).filter((i) => i.protection !== 'public').map((i) => i.name);

/** Waits until the check that was asked for has ended. */
async function checked(ports: PublishingPorts, id: number, signal: AbortSignal) {
  for (let n = 0; n < 600; n++) {
    const check = await latestCheck(ports.db.kysely, id);
    if (check && check.state !== 'running') return check;
    await sleep(200, undefined, { signal });
  }
  return null;
}
