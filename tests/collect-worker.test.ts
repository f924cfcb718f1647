import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type ChunkLike, filesOf, workerText } from '../web/console/worker/plugin.ts';

const chunk = (fileName: string, more: Partial<ChunkLike> = {}): ChunkLike => ({ type: 'chunk', fileName, ...more });
const styled = (css: string) => ({ viteMetadata: { importedCss: new Set([css]), importedAssets: new Set<string>() } });
const bundle = Object.fromEntries(
  [
    chunk('assets/index.js', { isEntry: true, imports: ['assets/react.js'], ...styled('assets/index.css') }),
    chunk('assets/react.js'),
    chunk('assets/collect.js', {
      facadeModuleId: '/c/src/pages/forms/collect/home.tsx',
      imports: ['assets/store.js', 'assets/react.js'],
      ...styled('assets/forms.css'),
    }),
    chunk('assets/store.js', { imports: ['assets/collect.js'] }),
    chunk('assets/map.js', { facadeModuleId: '/c/src/pages/map.tsx', imports: ['assets/charts.js'] }),
    chunk('assets/charts.js'),
  ].map((one) => [one.fileName, one]),
);

test('the worker keeps what the collect pages are made of, through circles of imports, and nothing of other pages', () => {
  expect(filesOf(bundle, (module) => module.includes('/forms/collect/'))).toEqual([
    '/assets/collect.js',
    '/assets/forms.css',
    '/assets/index.css',
    '/assets/index.js',
    '/assets/react.js',
    '/assets/store.js',
  ]);
});

test('the version changes with the list and with the shell, and stays where nothing changed', () => {
  const template = readFileSync('web/console/worker/collect-worker.js', 'utf8');
  const version = (assets: string[], shell: string) =>
    /VERSION = "(\w{16})"/.exec(workerText(template, assets, shell))?.[1];
  const one = version(['/a.js'], '<html>');
  expect(one).toBeTruthy();
  expect(version(['/a.js'], '<html>')).toBe(one);
  expect(version(['/b.js'], '<html>')).not.toBe(one);
  expect(version(['/a.js'], '<html lang>')).not.toBe(one);
  expect(workerText(template, ['/a.js'], '')).not.toContain('__ASSETS__;');
});
