/**
 * Every state and every step of an event, declared as one table (GB/T 30428, seven stages). Nothing moves an event but a row of this
 * table. Pure data.
 */
import type { Bilingual } from '../platform/i18n/index.ts';

const t = (zh: string, en: string): Bilingual => ({ zh, en });

/** The seven stages (七步闭环). */
export const stages: readonly Bilingual[] = [
  t('信息采集', 'Reported'),
  t('案卷建立', 'Filed'),
  t('任务派遣', 'Dispatched'),
  t('任务处理', 'Handled'),
  t('处理反馈', 'Fed back'),
  t('核查结案', 'Checked and closed'),
  t('综合评价', 'Rated'),
];

export const states = {
  registered: t('待立案', 'To be filed'),
  filed: t('待派遣', 'To be dispatched'),
  dispatched: t('待接收', 'To be accepted'),
  handling: t('处理中', 'Being handled'),
  paused: t('暂停计时', 'Paused'),
  handled: t('待核查', 'To be checked'),
  closed: t('已结案', 'Closed'),
  void: t('不予立案', 'Not filed'),
  merged: t('已合并', 'Merged'),
} as const satisfies Record<string, Bilingual>;
export type State = keyof typeof states;

/** States that nobody works on any more. */
export const over: readonly State[] = ['closed', 'void', 'merged'];

/** In which capacity somebody acts. `hub`: the hub itself; `reporter`: who reported it. */
export type Capacity = 'dispatcher' | 'handler' | 'joint' | 'manager' | 'reporter' | 'hub';

/** What happens to clocks. `accept`: the limit of acceptance; `limits`: the matter's own. */
export type ClockEffect =
  | 'start'
  | 'start-accept'
  | 'meet-accept'
  | 'meet-limit'
  | 'meet-all'
  | 'stop'
  | 'pause'
  | 'resume'
  | 'again';

/** What a step must bring. */
export type Needs = 'comment' | 'organisation' | 'matter' | 'limit' | 'ask' | 'stars' | 'joint' | 'proof';

export interface Transition {
  action: string;
  title: Bilingual;
  from: readonly State[];
  /** `same` leaves the state as it is. */
  to: State | 'same';
  by: readonly Capacity[];
  stage: 1 | 2 | 3 | 4 | 5 | 6 | 7;
  needs?: readonly Needs[];
  clocks?: readonly ClockEffect[];
}

const open: readonly State[] = ['registered', 'filed', 'dispatched', 'handling', 'paused', 'handled'];
const working: readonly State[] = ['dispatched', 'handling', 'paused'];
const desk: readonly Capacity[] = ['dispatcher', 'manager'];
const field: readonly Capacity[] = ['handler'];

const row = (
  action: string,
  title: Bilingual,
  from: readonly State[],
  to: State | 'same',
  by: readonly Capacity[],
  stage: Transition['stage'],
  more: Pick<Transition, 'needs' | 'clocks'> = {},
): Transition => ({ action, title, from, to, by, stage, ...more });

/** The table. */
export const machine: readonly Transition[] = [
  row('file', t('立案', 'File'), ['registered'], 'filed', [...desk, 'hub'], 2, { needs: ['matter'] }),
  row('reject', t('不予立案', 'Do not file'), ['registered', 'filed'], 'void', desk, 2, { needs: ['comment'] }),
  row('reclassify', t('改定事项', 'Change the matter'), ['registered', 'filed'], 'same', desk, 2, {
    needs: ['matter'],
  }),
  row('dispatch', t('派遣', 'Dispatch'), ['filed'], 'dispatched', [...desk, 'hub'], 3, {
    needs: ['organisation'],
    clocks: ['start', 'start-accept'],
  }),
  row('accept', t('接收', 'Accept'), ['dispatched'], 'handling', field, 4, { clocks: ['meet-accept'] }),
  row('return', t('退回', 'Return'), ['dispatched', 'handling'], 'filed', field, 3, {
    needs: ['comment'],
    clocks: ['stop'],
  }),
  row('transfer', t('移交', 'Transfer'), working, 'dispatched', desk, 3, {
    needs: ['organisation', 'comment'],
    clocks: ['stop', 'start', 'start-accept'],
  }),
  row('join', t('联合处置', 'Handle jointly'), ['filed', ...working], 'same', desk, 3, { needs: ['joint'] }),
  row('arrive', t('到达现场', 'Arrive'), ['handling'], 'same', [...field, 'joint'], 4),
  row('contribute', t('协办反馈', 'Report one part'), ['handling', 'paused'], 'same', ['joint'], 4, {
    needs: ['comment'],
  }),
  row('milestone', t('分段办结', 'Meet a limit'), ['handling'], 'same', field, 4, {
    needs: ['limit'],
    clocks: ['meet-limit'],
  }),
  row(
    'ask',
    t('申请移交、延期或暂停', 'Ask for transfer, delay or pause'),
    ['dispatched', 'handling'],
    'same',
    field,
    4,
    {
      needs: ['ask', 'comment'],
    },
  ),
  row('decline', t('不同意申请', 'Decline what was asked'), working, 'same', desk, 4, { needs: ['comment'] }),
  row('extend', t('同意延期', 'Extend'), ['dispatched', 'handling'], 'same', desk, 4, { needs: ['comment'] }),
  row('pause', t('暂停计时', 'Pause the clocks'), ['handling'], 'paused', desk, 4, {
    needs: ['comment'],
    clocks: ['pause'],
  }),
  row('resume', t('恢复计时', 'Resume'), ['paused'], 'handling', [...desk, 'handler'], 4, { clocks: ['resume'] }),
  row('finish', t('处理反馈', 'Report it done'), ['handling'], 'handled', field, 5, {
    needs: ['comment', 'proof'],
    clocks: ['meet-all'],
  }),
  row('pass', t('核查通过，结案', 'Check passed: close'), ['handled'], 'closed', desk, 6),
  row('fail', t('核查不通过，返工', 'Check failed: again'), ['handled'], 'handling', desk, 6, {
    needs: ['comment'],
    clocks: ['again'],
  }),
  row('supervise', t('督办', 'Supervise'), open, 'same', ['manager', 'dispatcher', 'hub'], 4, { needs: ['comment'] }),
  row('reply', t('督办回复', 'Answer the supervision'), working, 'same', field, 4, { needs: ['comment'] }),
  row('release', t('解除督办', 'End the supervision'), open, 'same', ['manager', 'dispatcher'], 4, {
    needs: ['comment'],
  }),
  row('remark', t('备注', 'Remark'), open, 'same', [...desk, 'handler', 'joint'], 4, { needs: ['comment'] }),
  row('rate', t('评价', 'Rate'), ['closed'], 'same', ['reporter', 'manager'], 7, { needs: ['stars'] }),
  row('reopen', t('重新立案', 'Open again'), ['closed', 'void'], 'filed', desk, 2, { needs: ['comment'] }),
];

/** Titles of what is kept in the timeline beside the table's steps. */
export const otherSteps: Readonly<Record<string, Bilingual>> = {
  report: t('上报', 'Reported'),
  joined: t('合并上报', 'A report joined'),
  parted: t('拆分上报', 'A report parted'),
  merged: t('合并入其他事件', 'Merged into another'),
  place: t('标定位置', 'Place set'),
  late: t('超时', 'Late'),
  alert: t('预警变化', 'The alert changed'),
};
