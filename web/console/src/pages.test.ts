import { expect, test } from 'vitest';
import { mayOpen, pages, startPage } from './pages.ts';

test('every path is there once and every parent exists', () => {
  const paths = pages.map((page) => page.path);
  expect(new Set(paths).size).toBe(paths.length);
  for (const page of pages) if ('parent' in page) expect(paths).toContain(page.parent);
});

test('a page without permissions is for everyone, the others for who holds one of them', () => {
  const account = pages.find((page) => page.path === '/account')!;
  const users = pages.find((page) => page.path === '/system/users')!;
  expect(mayOpen(account, new Set())).toBe(true);
  expect(mayOpen(users, new Set(['audit.read']))).toBe(false);
  expect(mayOpen(users, new Set(['roles.manage']))).toBe(true);
});

test('each role starts where its work is', () => {
  expect(startPage(new Set(['overview.read', 'exchange.read']))).toBe('/');
  expect(startPage(new Set(['credit.search', 'credit.read']))).toBe('/credit/search');
  expect(startPage(new Set(['audit.read']))).toBe('/system/audit');
  expect(startPage(new Set())).toBe('/account');
});
