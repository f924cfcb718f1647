/** All 111 record classes of 28 departments, in the order of their folders. */
import type { ClassModel } from '../model.ts';
import { build } from './build.ts';
import { court } from './court.ts';
import { credit } from './credit.ts';
import { economy } from './economy.ts';
import { filings } from './filings.ts';
import { human } from './human.ts';
import { market } from './market.ts';
import { risk } from './risk.ts';
import { social } from './social.ts';
import { tax } from './tax.ts';
import { utility } from './utility.ts';

export const classes: readonly ClassModel[] = [
  market,
  filings,
  tax,
  human,
  court,
  credit,
  risk,
  build,
  utility,
  social,
  economy,
]
  .flat()
  .sort((a, b) => (a.id < b.id ? -1 : 1));
