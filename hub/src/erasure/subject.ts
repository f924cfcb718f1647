/** Whom a matter is about, as rooms are told it: found anew each time from what is there. */
import { catalogueOf } from '../catalogue/index.ts';
import { locateRows } from '../exchange/index.ts';
import { locateLinked } from '../libraries/index.ts';
import type { PersonSubject } from '../platform/personal.ts';
import type { ErasurePorts } from './ports.ts';

/** A subject, and the names under which they stand in their own rows (in memory only). */
export interface Known {
  subject: PersonSubject;
  names: string[];
  /** Tokens of everything that stands as their own number, also what is none: the vault lets go of it. */
  own: string[];
}

/** Looks through all received rows. `again`: an order that is carried out, whose rows are kept as they were found. */
export async function know(ports: ErasurePorts, matter: { id: number; norm: string }, again: boolean): Promise<Known> {
  const { lake } = ports;
  const citizen = await ports.erasing.spellings(matter.norm);
  const declarations = catalogueOf(lake).declarations();
  const { own, names } = await locateRows(lake, declarations, { erasure: matter.id, citizen }, again);
  const subject: PersonSubject = {
    erasure: matter.id,
    norm: matter.norm,
    citizen,
    own: await ports.erasing.alike(own),
  };
  await locateLinked(ports, subject, names);
  return { subject, names, own };
}
