/** Where the code of the pages of sensing is. */
import type { sensingPages } from '../entries/sensing.ts';
import type { PageModule } from '../entry.ts';

export const sensingLoaders: Record<(typeof sensingPages)[number]['path'], () => PageModule> = {
  '/sensing': () => import('../pages/sensing/list.tsx'),
  '/sensing/sensor': () => import('../pages/sensing/sensor.tsx'),
  '/sensing/intake': () => import('../pages/sensing/intake.tsx'),
  '/sensing/video': () => import('../pages/sensing/video.tsx'),
  '/sensing/camera': () => import('../pages/sensing/camera.tsx'),
};
