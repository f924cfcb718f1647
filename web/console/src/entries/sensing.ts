/** Pages of sensing. */
import type { PageEntry } from '../entry.ts';

const may = { permissions: ['sensing.read'], area: 'sensing' } as const;

export const sensingPages = [
  { path: '/sensing', title: 'sensing', ...may, nav: true },
  { path: '/sensing/sensor', title: 'sensing-sensor', ...may, nav: false, parent: '/sensing' },
  { path: '/sensing/intake', title: 'sensing-intake', ...may, nav: true },
  { path: '/sensing/video', title: 'sensing-video', ...may, nav: true },
  { path: '/sensing/camera', title: 'sensing-camera', ...may, nav: false, parent: '/sensing/video' },
] as const satisfies readonly PageEntry[];
