/** What organisations have open in assessments. */
import type { HoldingKind } from '../platform/people/index.ts';

/** What people and organisations hold here (platform/people). Examples are numbers and codes: administrators read them. */
export const assessmentHoldings: readonly HoldingKind[] = [
  {
    kind: 'assessment.objection',
    title: { zh: '未答复的考核异议', en: 'Objections that wait' },
    of: 'organisation',
    weight: 'duty',
    page: '/assessment',
    table: 'assessment.objection',
    column: 'unit',
    where: "t.state = 'open'",
    shown: 't.id',
  },
];
