/** Pages of sensing and where their code is. */
import type { PageEntry, PageModule } from '../entry.ts';

const may = { permissions: ['sensing.read'], area: 'sensing' } as const;

export const sensingPages = [
  { path: '/sensing', title: 'sensing', ...may, nav: true },
  { path: '/sensing/sensor', title: 'sensing-sensor', ...may, nav: false, parent: '/sensing' },
  { path: '/sensing/intake', title: 'sensing-intake', ...may, nav: true },
  { path: '/sensing/video', title: 'sensing-video', ...may, nav: true },
  { path: '/sensing/camera', title: 'sensing-camera', ...may, nav: false, parent: '/sensing/video' },
] as const satisfies readonly PageEntry[];

export const sensingLoaders: Record<(typeof sensingPages)[number]['path'], () => PageModule> = {
  '/sensing': () => import('../pages/sensing/list.tsx'),
  '/sensing/sensor': () => import('../pages/sensing/sensor.tsx'),
  '/sensing/intake': () => import('../pages/sensing/intake.tsx'),
  '/sensing/video': () => import('../pages/sensing/video.tsx'),
  '/sensing/camera': () => import('../pages/sensing/camera.tsx'),
};
