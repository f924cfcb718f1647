/** The other half of the pages of the navigation: both languages, light and dark, on a desk and on a phone (walk.ts). */
import { test } from 'vitest';
import { walkOwnPages } from './walk.ts';

test('every page holds', () => walkOwnPages(1));
