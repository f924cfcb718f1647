/**
 * The software bill of materials (软件物料清单): CycloneDX 1.6 in JSON, made from package-lock.json alone, so that the same lock gives the same bytes on every
 * machine. `npm sbom` was weighed: it writes 1.5, with the moment and a random number in it.
 *
 * `node scripts/sbom.mjs [--out file] [--production]`: `dist/sbom.cdx.json`; with `--production` without what only development needs.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** One identifier of SPDX, as against an expression of several or a name of its own. */
const SINGLE = /^(?!UNLICENSED$|SEE )[A-Za-z0-9.+-]+$/;

/** Licences that a package tells in its text only (its LICENSE file), by name. */
const TOLD = { 'png-js': 'MIT' };

function licences(text) {
  if (text === undefined) return [];
  if (SINGLE.test(text)) return [{ license: { id: text } }];
  if (/ (OR|AND|WITH) /.test(text)) return [{ expression: text.replace(/^\((.*)\)$/, '$1') }];
  return [{ license: { name: text } }];
}

/** `pkg:npm/%40scope/name@1.0.0` */
export const purlOf = (name, version) => `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;

/** The name of a package by its path in the lock. */
const nameOf = (path, entry) => entry.name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** The path that a package's dependency stands at: nearest first, as Node looks for it. */
function resolve(packages, from, name) {
  for (let base = from; ; ) {
    const path = `${base ? `${base}/` : ''}node_modules/${name}`;
    const entry = packages[path];
    if (entry) return entry.link ? entry.resolved : path;
    if (base === '') return undefined;
    const at = base.lastIndexOf('/node_modules/');
    base = at >= 0 ? base.slice(0, at) : base.startsWith('node_modules/') ? '' : '';
  }
}

/** Makes the bill of a lock; `production`: without what only development needs. */
export function billOf(lock, { production = false } = {}) {
  const { packages } = lock;
  const kept = Object.entries(packages)
    .filter(([path, entry]) => path !== '' && !entry.link && !(production && (entry.dev || entry.devOptional)))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const paths = new Set(kept.map(([path]) => path));
  // Two copies of the same version are two places of one component.
  const refs = new Map(kept.map(([path, entry]) => [path, purlOf(nameOf(path, entry), entry.version)]));
  const components = new Map();
  const edges = new Map();
  for (const [path, entry] of kept) {
    const ref = refs.get(path);
    const name = nameOf(path, entry);
    const [group, short] = name.startsWith('@') ? name.split('/') : [undefined, name];
    const [algorithm, digest] = /^(sha\d+)-(.+)$/.exec(entry.integrity ?? '')?.slice(1) ?? [];
    const scope = entry.dev || entry.devOptional ? 'excluded' : entry.optional || entry.peer ? 'optional' : 'required';
    const known = components.get(ref);
    components.set(ref, {
      type: 'library',
      'bom-ref': ref,
      ...(group ? { group } : {}),
      name: short,
      version: entry.version,
      // What is needed in one place is needed.
      scope: known && (known.scope === 'required' || scope === 'excluded') ? known.scope : scope,
      ...(digest
        ? {
            hashes: [
              {
                alg: algorithm.toUpperCase().replace('SHA', 'SHA-'),
                content: Buffer.from(digest, 'base64').toString('hex'),
              },
            ],
          }
        : {}),
      licenses: licences(entry.license ?? TOLD[name]),
      purl: ref,
    });
    const names = Object.keys({
      ...entry.dependencies,
      ...entry.optionalDependencies,
      ...(production || path.includes('node_modules/') ? {} : entry.devDependencies),
    });
    const to = edges.get(ref) ?? new Set();
    for (const dependency of names) {
      const at = resolve(packages, path, dependency);
      if (at !== undefined && paths.has(at)) to.add(refs.get(at));
    }
    edges.set(ref, to);
  }
  const own = packages[''];
  const rootRef = purlOf(own.name, own.version);
  const wanted = { ...own.dependencies, ...(production ? {} : own.devDependencies) };
  const roots = new Set(
    Object.keys(wanted)
      .map((name) => resolve(packages, '', name))
      .filter((path) => path !== undefined && paths.has(path))
      .map((path) => refs.get(path)),
  );
  for (const [path] of kept) if (!path.includes('node_modules/')) roots.add(refs.get(path));
  const list = [...components.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1));
  const dependencies = [[rootRef, roots], ...[...edges].sort(([a], [b]) => (a < b ? -1 : 1))].map(([ref, to]) => ({
    ref,
    ...(to.size > 0 ? { dependsOn: [...to].sort() } : {}),
  }));
  const hex = createHash('sha256')
    .update(JSON.stringify([list, dependencies]))
    .digest('hex');
  const serial = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    // Made from the content: the same bill has the same number.
    serialNumber: `urn:uuid:${serial}`,
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': rootRef,
        name: own.name,
        version: own.version,
        licenses: licences(own.license),
        purl: rootRef,
      },
    },
    components: list,
    dependencies,
  };
}

/** Reads the repository's lock. */
export function readLock(root) {
  return JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const { values } = parseArgs({ options: { out: { type: 'string' }, production: { type: 'boolean' } } });
  const out = values.out ?? join(root, 'dist', 'sbom.cdx.json');
  const bill = billOf(readLock(root), { production: values.production ?? false });
  mkdirSync(dirname(out), { recursive: true });
  writeFileSync(out, `${JSON.stringify(bill, null, 2)}\n`);
  process.stdout.write(`${out}: ${bill.components.length} 个组件 / components\n`);
}
