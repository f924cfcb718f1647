/** For tests: people and organisations on a store, with browsers of their users and what is told noted. */
import { accountRooms, type Browser, type Harness, harness, passwordOf } from '../auth/testing.ts';
import { type ConfigInput, configSchema } from '../config/index.ts';
import type { Db, MigrationSet } from '../db/index.ts';
import { silentLogger } from '../log/index.ts';
import { noticeMigrations } from '../notices/index.ts';
import { NotedNotices } from '../notices/testing.ts';
import { sealMigrations } from '../seal/index.ts';
import type { HoldingKind } from './holdings.ts';
import { ownHoldings, People, peopleMigrations, peopleRoutes } from './index.ts';
import type { Organisation } from './register.ts';

/** Tables that people need. */
export const peopleSets: readonly MigrationSet[] = [
  ...accountRooms,
  sealMigrations,
  noticeMigrations,
  peopleMigrations,
];

const org = (code: string, zh: string, en: string): Organisation => ({
  code,
  name: { zh, en },
  uscc: null,
  kind: 'government',
});
/** The organisations of the tests. */
export const declared: readonly Organisation[] = [
  org('scjg', '市场监管局', 'Market Regulation'),
  org('rsj', '人力社保局', 'Human Resources'),
  org('mzj', '民政局', 'Civil Affairs'),
  org('yjgl', '应急局', 'Emergency'),
  org('zhzf', '执法局', 'Urban Management'),
  org('demobank', '示例银行', 'Example Bank'),
];

/** What a test works with. */
export interface PeopleBench extends Harness {
  people: People;
  notices: NotedNotices;
  as(login: string): Promise<Browser>;
  id(login: string): Promise<string>;
  /** Moves the clock by whole days and does what they bring. */
  pass(days: number): Promise<void>;
}

const DAY = 86_400_000;

/** People on an open store, which is emptied before. On Monday 5 January 2026, 09:00 in the city. */
export async function peopleBench(
  db: Db,
  options: { people?: ConfigInput['people']; holdings?: readonly HoldingKind[] } = {},
): Promise<PeopleBench> {
  for (const table of ['people.certification', 'people.campaign', 'people.change', 'people.act', 'auth.succession'])
    await db.query(`DELETE FROM ${table}`);
  const notices = new NotedNotices();
  let people: People | undefined;
  const config = configSchema.parse({ people: options.people ?? {} });
  const h = await harness(db, {
    auth: { password: { maxAgeDays: 0 } },
    more: ({ auth, audit, clock }) => {
      people = new People({
        ...{ db, clock, audit, notices, log: silentLogger(), config: config.people, declared: () => declared },
        holdings: [...ownHoldings, ...(options.holdings ?? [])],
        accounts: {
          endSessions: (account, trx) => auth.sessions.endAll(account, trx),
          keepsAdministrators: (account, after, trx) => auth.users.keepsAdministrators(account, after, trx),
          forget: () => auth.sessions.forget(),
        },
      });
      return peopleRoutes(people, auth.sessions);
    },
  });
  await people!.load();
  return {
    ...h,
    ...{ people: people!, notices, as: (login) => h.entered(login) },
    id: async (login) =>
      (await db.query<{ id: string }>('SELECT id FROM auth.account WHERE login = $1', [login]))[0]!.id,
    async pass(days) {
      h.clock.advance(days * DAY);
      await people!.look();
    },
  };
}

export { passwordOf };
