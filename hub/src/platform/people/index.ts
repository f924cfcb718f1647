/** People and organisations (人员与机构): acts on organisations, delegation, movers and leavers, the yearly review (docs/people.md). */
import { fileURLToPath } from 'node:url';
import type { MigrationSet } from '../db/index.ts';

export { type FoundHolding, type Held, type HoldingKind, heldBy, type TableHolding } from './holdings.ts';
export { ownHoldings } from './own-holdings.ts';
export type { AccountPort, PeoplePorts } from './ports.ts';
export { currentOrganisation, type Organisation, type Register, registerOn } from './register.ts';
export { peopleRoutes } from './routes.ts';
export { People, peopleOf } from './service.ts';

/** The tables of people and organisations; they refer to accounts. */
export const peopleMigrations: MigrationSet = {
  room: 'people',
  folder: fileURLToPath(new URL('./migrations', import.meta.url)),
};
