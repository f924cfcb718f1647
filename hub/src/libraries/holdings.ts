/** What people and organisations hold of corrections. */
import type { HoldingKind } from '../platform/people/index.ts';

const open = { table: 'libraries.correction', where: "t.state = 'open'", shown: 't.id', page: '/corrections' };

/** What people and organisations hold here (platform/people). Examples are numbers and codes: administrators read them. */
export const libraryHoldings: readonly HoldingKind[] = [
  {
    ...{ kind: 'libraries.correction', title: { zh: '待核查的疑义数据', en: 'Data in doubt to be checked' } },
    ...{ of: 'organisation', weight: 'duty', column: 'owner', ...open },
  },
  {
    ...{ kind: 'libraries.raised', title: { zh: '提出的在办核实', en: 'Open corrections that they raised' } },
    ...{ of: 'login', weight: 'name', column: 'raised_by', ...open },
  },
];
