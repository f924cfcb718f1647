/** Every second page of the navigation and every public page: both languages, light and dark, on a desk and on a phone (walk.ts). */
import { test } from 'vitest';
import { walkOwnPages, walkPublicPages } from './walk.ts';

test('every page holds', () => walkOwnPages(0));

test('every public page holds without an account', () => walkPublicPages());
