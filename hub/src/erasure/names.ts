/** Names of organisations as the register has them now. */
import { catalogueOf } from '../catalogue/index.ts';
import type { Deps } from '../platform/room.ts';

/** What an organisation is called; its code where the city knows it no more. */
export const nameOfOrganisation = (deps: Pick<Deps, 'lake'>, id: string): { zh: string; en: string } =>
  catalogueOf(deps.lake).organisations.get(id)?.name ?? { zh: id, en: id };
