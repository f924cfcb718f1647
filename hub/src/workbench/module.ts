/** How the workbench joins the hub. */
import { fileURLToPath } from 'node:url';
import { oldestOf } from '../platform/operations/index.ts';
import type { HoldingKind } from '../platform/people/index.ts';
import { Repeated } from '../platform/repeat.ts';
import type { RoomModule } from '../platform/room.ts';
import { workbenchHolder } from './erase.ts';
import { forget } from './history.ts';
import { workbenchRoutes } from './routes.ts';
import { liveContract, Runner } from './run.ts';

/** Milliseconds between looks at what was kept long enough. */
const SWEEP = 3_600_000;

/** What people and organisations hold here (platform/people): a saved query is handed to a colleague, or stays with the organisation. */
const holdings: readonly HoldingKind[] = [
  {
    ...{ kind: 'workbench.saved', title: { zh: '保存的查询', en: 'Saved queries' }, of: 'account', weight: 'name' },
    ...{ page: '/workbench/saved', table: 'workbench.saved', column: 'author', shown: 't.id::text', hand: {} },
  },
  {
    ...{ kind: 'workbench.shared', title: { zh: '部门的查询', en: "The organisation's queries" }, of: 'organisation' },
    ...{
      weight: 'name',
      page: '/workbench/saved',
      table: 'workbench.saved',
      column: 'organisation',
      shown: 't.id::text',
    },
  },
];

/** The room. */
export function workbenchRoom(): RoomModule {
  let runner: Runner | undefined;
  let sweep: Repeated | undefined;
  return {
    name: 'workbench',
    personal: workbenchHolder,
    holdings,
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    routes(deps) {
      runner ??= new Runner(deps, liveContract(deps));
      return workbenchRoutes(deps, runner);
    },
    async start(deps) {
      sweep = new Repeated(
        () => forget(deps),
        (error) => deps.log.error({ err: error }, 'workbench'),
      );
      sweep.start(SWEEP);
    },
    retention: ({ db, config }) => [
      {
        ...{
          id: 'queries',
          title: { zh: '查询工作台的历史', en: 'History of queries' },
          setting: 'workbench.historyDays',
        },
        ...{
          days: config.workbench.historyDays,
          ground: { zh: '便于重做；导出另见审计', en: 'To do again; exports are in the audit' },
        },
        oldest: () => oldestOf(db, 'workbench.history', 'at'),
      },
    ],
    async standing() {
      const [running, waiting] = [runner?.turns.running.size ?? 0, runner?.turns.waiting ?? 0];
      return [
        {
          ...{ id: 'workbench', title: { zh: '查询工作台', en: 'Query workbench' }, standing: 'ok', link: null },
          text: { zh: `正在运行 ${running} 条，等待 ${waiting} 条`, en: `${running} running, ${waiting} waiting` },
        },
      ];
    },
    async stop() {
      runner?.turns.endAll();
      await sweep?.stop();
    },
  };
}
