/** Where the code of the pages of command is. */
import type { commandPages } from '../entries/command.ts';
import type { PageModule } from '../entry.ts';

export const commandLoaders: Record<(typeof commandPages)[number]['path'], () => PageModule> = {
  '/command': () => import('../pages/command/board.tsx'),
  '/command/operations': () => import('../pages/command/operations.tsx'),
  '/command/operations/$operation': () => import('../pages/command/operation.tsx'),
  '/command/operations/$operation/review': () => import('../pages/command/review.tsx'),
  '/command/screen/$operation': () => import('../pages/command/screen.tsx'),
  '/command/plans': () => import('../pages/command/plans.tsx'),
  '/command/plans/$plan': () => import('../pages/command/plan.tsx'),
  '/command/duty': () => import('../pages/command/duty.tsx'),
  '/command/resources': () => import('../pages/command/resources.tsx'),
  '/command/mine': () => import('../pages/command/mine.tsx'),
};
