import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
// @ts-expect-error: a script that runs without being compiled
import { billOf, purlOf, readLock } from '../scripts/sbom.mjs';

interface Component {
  'bom-ref': string;
  type: string;
  name: string;
  group?: string;
  version: string;
  scope: string;
  purl: string;
  hashes?: { alg: string; content: string }[];
  licenses: ({ license: { id?: string; name?: string } } | { expression: string })[];
}
interface Bill {
  specVersion: string;
  serialNumber: string;
  metadata: { component: Component };
  components: Component[];
  dependencies: { ref: string; dependsOn?: string[] }[];
}
type Entry = { version?: string; license?: string; link?: boolean; dev?: boolean; name?: string };
const lock = readLock(fileURLToPath(new URL('..', import.meta.url))) as { packages: Record<string, Entry> };
const bill = billOf(lock) as Bill;

/** What is wrong with a bill, as far as CycloneDX 1.6 asks of what is in it. */
function faults(of: Bill): string[] {
  const refs = new Set([of.metadata.component['bom-ref'], ...of.components.map((c) => c['bom-ref'])]);
  const out: string[] = [];
  if (refs.size !== of.components.length + 1) out.push('a reference is there twice');
  if (!/^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(of.serialNumber)) out.push('serialNumber');
  for (const c of of.components) {
    if (!/^pkg:npm\/(%40[a-z0-9._-]+\/)?[a-z0-9._-]+@\d+\.\d+\.\d+/i.test(c.purl)) out.push(`${c.purl}: purl`);
    if (c.purl !== purlOf(c.group ? `${c.group}/${c.name}` : c.name, c.version)) out.push(`${c.purl}: name`);
    if (!['required', 'optional', 'excluded'].includes(c.scope)) out.push(`${c.purl}: scope`);
    if (c.licenses.length !== 1) out.push(`${c.purl}: no licence`);
    for (const hash of c.hashes ?? [])
      if (hash.alg !== 'SHA-512' || !/^[0-9a-f]{128}$/.test(hash.content)) out.push(`${c.purl}: hash`);
  }
  for (const { ref, dependsOn = [] } of of.dependencies)
    for (const one of [ref, ...dependsOn]) if (!refs.has(one)) out.push(`${one}: unknown reference`);
  return out;
}

test('every package of the lock is in the bill, with its address, its licence and a digest of what was downloaded', () => {
  expect(bill.specVersion).toBe('1.6');
  expect(faults(bill)).toEqual([]);
  const purls = new Set(bill.components.map((c) => c.purl));
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path === '' || entry.link) continue;
    const name = entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 13);
    expect(purls, path).toContain(purlOf(name, entry.version));
  }
  const own = bill.components.filter((c) => c.hashes === undefined).map((c) => c.group);
  expect(new Set(own)).toEqual(new Set(['@jingwei']));
});

test('it tells what depends on what: from the hub to its web server, and to what that stands on', () => {
  const on = (start: string) => bill.dependencies.find((d) => d.ref.startsWith(start))?.dependsOn ?? [];
  expect(on('pkg:npm/jingwei@')).toContain(purlOf('@jingwei/hub', '0.1.0'));
  const server = on('pkg:npm/%40jingwei/hub@').find((ref) => ref.startsWith('pkg:npm/fastify@'));
  expect(server).toBeDefined();
  expect(on(server!).some((ref) => ref.startsWith('pkg:npm/pino@'))).toBe(true);
});

test('the same lock gives the same bill, and another lock another number', () => {
  const turned = { packages: Object.fromEntries(Object.entries(lock.packages).reverse()) };
  expect(JSON.stringify(billOf(turned))).toBe(JSON.stringify(bill));
  const [path] = Object.entries(lock.packages).find(([p, e]) => p.endsWith('/fastify') && !e.link)!;
  const other = { packages: { ...lock.packages, [path]: { ...lock.packages[path], version: '99.0.0' } } };
  expect((billOf(other) as Bill).serialNumber).not.toBe(bill.serialNumber);
});

test('what only development needs is left out where it is asked for', () => {
  const production = billOf(lock, { production: true }) as Bill;
  expect(faults(production)).toEqual([]);
  const names = production.components.map((c) => c.name);
  expect(names).toContain('fastify');
  expect(names).not.toContain('vitest');
  expect(bill.components.find((c) => c.name === 'vitest')!.scope).toBe('excluded');
});

test('a package without a licence is found', () => {
  const entry = { version: '1.0.0', integrity: `sha512-${Buffer.alloc(64).toString('base64')}` };
  const other = billOf({ packages: { ...lock.packages, 'node_modules/nobody': entry } }) as Bill;
  expect(faults(other)).toEqual(['pkg:npm/nobody@1.0.0: no licence']);
});
