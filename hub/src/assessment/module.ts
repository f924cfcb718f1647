/** How assessment joins the hub. */
import { fileURLToPath } from 'node:url';
import { CityCalendar } from '../platform/law/index.ts';
import type { Deps, RoomModule } from '../platform/room.ts';
import { RuleSeals } from '../platform/seal/index.ts';
import { assessmentHoldings } from './holdings.ts';
import { type AssessmentDeps, assessmentFolder, computeJob, DailyComputing, takeFormulas } from './job.ts';
import { assessmentRoutes } from './routes.ts';
import { stageTables } from './staged.ts';

/** The room. */
export function assessmentRoom(): RoomModule {
  let own: AssessmentDeps | undefined;
  let daily: DailyComputing | undefined;
  let rules: RuleSeals | undefined;
  const of = (deps: Deps): AssessmentDeps => {
    if (!own) {
      const calendar = new CityCalendar(deps.folders.cities, deps.config.city);
      own = { ...deps, calendar: () => calendar.current(), faults: [] };
    }
    return own;
  };
  return {
    name: 'assessment',
    files: [
      {
        table: 'assessment.report',
        column: 'sha256',
        store: 'blobs',
        title: { zh: '考核报告', en: 'a report of the assessment' },
      },
    ],
    holdings: assessmentHoldings,
    migrations: fileURLToPath(new URL('./migrations', import.meta.url)),
    defineLake: (lake) => lake.define(stageTables),
    jobs: (deps) => [computeJob(() => of(deps))],
    routes: (deps) => assessmentRoutes(of(deps)),
    async start(deps) {
      await takeFormulas(of(deps));
      daily = new DailyComputing(of(deps));
      daily.start();
      const folders = [{ folder: assessmentFolder(deps), shown: 'assessment' }];
      rules = new RuleSeals(deps, 'assessment', folders, async () => []);
    },
    async stop() {
      daily?.stop();
      await rules?.stop();
    },
  };
}
