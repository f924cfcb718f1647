/** Pages of command. */
import type { PageEntry } from '../entry.ts';

const read = ['command.read'] as const;

export const commandPages = [
  { path: '/command', title: 'command', permissions: read, area: 'command', nav: true },
  { path: '/command/operations', title: 'command-operations', permissions: read, area: 'command', nav: true },
  {
    path: '/command/operations/$operation',
    title: 'command-operation',
    permissions: read,
    area: 'command',
    nav: false,
    parent: '/command/operations',
  },
  {
    path: '/command/operations/$operation/review',
    title: 'command-review',
    permissions: read,
    area: 'command',
    nav: false,
    parent: '/command/operations/$operation',
  },
  {
    path: '/command/screen/$operation',
    title: 'command-screen',
    permissions: read,
    area: 'command',
    nav: false,
    parent: '/command/operations/$operation',
  },
  { path: '/command/plans', title: 'command-plans', permissions: read, area: 'command', nav: true },
  {
    path: '/command/plans/$plan',
    title: 'command-plan',
    permissions: read,
    area: 'command',
    nav: false,
    parent: '/command/plans',
  },
  { path: '/command/duty', title: 'command-duty', permissions: read, area: 'command', nav: true },
  { path: '/command/resources', title: 'command-resources', permissions: read, area: 'command', nav: true },
  // Those in the field have no command.read: they answer what their organisation was given.
  {
    path: '/command/mine',
    title: 'command-mine',
    permissions: ['command.read', 'event.handle'],
    area: 'command',
    nav: true,
  },
] as const satisfies readonly PageEntry[];
