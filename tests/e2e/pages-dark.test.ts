/** Every page of the navigation in English, dark, on a desk and then on a phone: nothing wider than the screen, accessible, no failure. */
import { test } from 'vitest';
import { walkOwnPages, walkPublicPages } from './walk.ts';

const view = { size: 'wide', language: 'en', theme: 'dark' } as const;

test('every page holds', () => walkOwnPages(view));

test('every public page holds without an account', () => walkPublicPages(view));
