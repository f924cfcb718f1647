/**
 * Requests of the demonstration: made once after the city is integrated, through sharing's own functions and by the demonstration's
 * accounts. Their steps bear the days on which they would have been taken, so that clocks in every state can be seen; everything is
 * marked as a demonstration in its texts.
 */
import { demoUsers } from './platform/auth/bootstrap.ts';
import { type Principal, permissionsOf } from './platform/auth/principal.ts';
import type { Deps } from './platform/room.ts';
import {
  act,
  askExtension,
  clockOf,
  content,
  draft,
  matterOf,
  raiseDispute,
  sharedEntry,
  sharingPorts,
} from './sharing/index.ts';

const DAY = 86_400_000;

/** An account of the demonstration as somebody who acts. */
export function demoPerson(login: string): Principal {
  const user = demoUsers.find((u) => u.login === login)!;
  return {
    ...{ userId: login, login, name: user.name, organisation: user.organisation, roles: [user.role] },
    ...{ permissions: permissionsOf([user.role]), sessionId: 'demo', purpose: null },
  };
}

/** One demonstration request: who asks for what, how many days ago, and how far it went. */
interface Scene {
  entry: string;
  asker: 'rsj' | 'scjg';
  ago: number;
  use: string;
  mode: 'file' | 'batch' | 'service';
  until: '+3m' | '+1y';
  course: readonly (
    | 'propose'
    | 'agree'
    | 'advise'
    | 'advise-no'
    | 'supplement'
    | 'grant'
    | 'refuse'
    | 'dispute'
    | 'extension'
  )[];
}

const scenes: readonly Scene[] = [
  {
    entry: 'scjg.market-entity',
    asker: 'rsj',
    ago: 24,
    use: '社保参保扩面核查',
    mode: 'batch',
    until: '+1y',
    course: ['propose', 'agree', 'grant'],
  },
  {
    entry: 'scjg.penalty',
    asker: 'rsj',
    ago: 23,
    use: '用工信用评价',
    mode: 'file',
    until: '+1y',
    course: ['propose', 'agree', 'advise'],
  },
  {
    entry: 'scjg.guarantee',
    asker: 'rsj',
    ago: 12,
    use: '欠薪风险研判',
    mode: 'file',
    until: '+3m',
    course: ['propose', 'agree', 'extension'],
  },
  {
    entry: 'scjg.equity-change',
    asker: 'rsj',
    ago: 17,
    use: '劳动关系主体变更核查',
    mode: 'file',
    until: '+3m',
    course: ['propose', 'agree', 'advise-no', 'refuse', 'dispute'],
  },
  {
    entry: 'scjg.annual-report-asset',
    asker: 'rsj',
    ago: 6,
    use: '稳岗补贴审核',
    mode: 'file',
    until: '+3m',
    course: ['propose', 'agree', 'supplement'],
  },
  {
    entry: 'rsj.insured-count',
    asker: 'scjg',
    ago: 3,
    use: '企业年报抽查',
    mode: 'batch',
    until: '+1y',
    course: ['propose', 'agree'],
  },
  {
    entry: 'scjg.permit',
    asker: 'rsj',
    ago: 21,
    use: '职业资格与许可核验',
    mode: 'service',
    until: '+1y',
    course: ['propose', 'agree', 'grant'],
  },
  {
    entry: 'rsj.insurance-registration',
    asker: 'scjg',
    ago: 19,
    use: '企业登记注销前核查参保',
    mode: 'service',
    until: '+1y',
    course: ['propose', 'agree', 'advise', 'grant'],
  },
  {
    entry: 'rsj.wage-arrears',
    asker: 'scjg',
    ago: 1,
    use: '严重违法失信名单核对',
    mode: 'file',
    until: '+3m',
    course: ['propose'],
  },
];

/** Makes the demonstration's requests unless there are any, or what they ask for is not integrated yet. */
export async function demoSharing(deps: Deps): Promise<void> {
  const [any] = await deps.db.query('SELECT 1 AS one FROM sharing.request LIMIT 1');
  if (any) return;
  const ready = await deps.lake
    .first('SELECT 1 AS one FROM v.record_scjg_market_entity_v1 LIMIT 1')
    .catch(() => undefined);
  if (!ready) return;
  for (const scene of scenes) await play(deps, scene);
}

async function play(deps: Deps, s: Scene): Promise<void> {
  const ports = sharingPorts(deps);
  const found = sharedEntry(ports, s.entry);
  if (!found || found.entry.sharing.type === 'refused') return;
  const now = deps.clock.now().getTime();
  // Each step is taken a day after the one before, at ten in the morning, and never after now.
  let day = 0;
  const at = () => {
    const ten = Math.floor((now - (s.ago - day) * DAY) / DAY) * DAY + 2 * 3_600_000;
    day += 1;
    const instant = new Date(Math.min(ten, now));
    return { ...ports, clock: { now: () => instant } };
  };
  const side = (organisation: string, head: boolean) =>
    demoPerson(organisation === 'rsj' ? (head ? 'rsj-head' : 'rsj-officer') : head ? 'head' : 'officer');
  const provider = found.entry.provider;
  const items = found.items.filter((i) => i.protection === 'public' || i.protection === 'internal').slice(0, 8);
  const body = content.parse({
    ...{
      ground: '《政务数据共享条例》第二十条；本部门职责清单（演示）',
      scene: `${s.use}（演示）`,
      scope: '业务科室内部使用（演示）',
    },
    ...{ mode: s.mode, frequency: s.mode === 'batch' ? 'monthly' : 'once', items: items.map((i) => i.name) },
    until: new Date(now + (s.until === '+1y' ? 365 : 92) * DAY).toISOString().slice(0, 10),
    ...{ conditions: '仅用于本部门行政管理，不提供第三方（演示）', contact: '演示联系人 0574-63000000' },
  });
  const id = await draft(at(), { entry: s.entry, content: body }, side(s.asker, false));
  const step = async (action: string, p: Principal, comment = '', data = {}) => {
    const { version } = await matterOf(deps.db.kysely, 'request', id, null);
    await act(at(), 'request', id, { action, version, comment, data }, p);
  };
  for (const course of s.course) {
    if (course === 'propose') await step('propose', side(s.asker, false));
    else if (course === 'agree') await step('agree-own', side(s.asker, true), '同意提出（演示）');
    else if (course === 'advise')
      await step('advise', side(provider, false), '符合共享条件，建议同意（演示）', { share: true });
    else if (course === 'advise-no')
      await step('advise', side(provider, false), '使用范围与目录条件不符（演示）', { share: false });
    else if (course === 'supplement')
      await step('ask-supplement', side(provider, false), '', {
        missing: ['稳岗补贴审核方案（演示）', '数据使用人员名单（演示）'],
      });
    else if (course === 'grant') await step('grant', side(provider, true), '同意共享（演示）');
    else if (course === 'refuse')
      await step('refuse', side(provider, true), '使用范围超出目录所列条件（演示）', {
        ground: '《政务数据共享条例》第十五条、第二十一条',
      });
    else if (course === 'dispute')
      await raiseDispute(at(), { request: id, reason: '属于法定职责所需，应当共享（演示）' }, side(s.asker, false));
    else {
      const clock = await clockOf(deps.db.kysely, id);
      if (clock)
        await askExtension(at(), clock, { days: 5, reason: '涉及数据需与分局核对（演示）' }, side(provider, false));
    }
  }
}
