/**
 * Writes the service worker of the collect pages into the build: `collect-worker.js` with the list of exactly the files that these pages are made of
 * (the entrance, the collect pages' chunks and what those import, their styles, the shell) and a version made of that list and the shell.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What of a chunk of the bundle is looked at. */
export interface ChunkLike {
  type: string;
  fileName: string;
  isEntry?: boolean;
  facadeModuleId?: string | null;
  imports?: readonly string[];
  viteMetadata?: { importedCss: ReadonlySet<string>; importedAssets: ReadonlySet<string> };
  source?: string | Uint8Array;
}

/** Files beside the bundle that the shell asks for. */
const beside = [
  '/index.html',
  '/boot.js',
  '/mark.svg',
  '/collect.webmanifest',
  '/field.webmanifest',
  '/collect-192.png',
  '/collect-512.png',
] as const;

/** Addresses of everything that a page needs whose module `wanted` names: entrance, its chunk, what they import, their styles. */
export function filesOf(bundle: Readonly<Record<string, ChunkLike>>, wanted: (module: string) => boolean): string[] {
  const found = new Set<string>();
  const take = (name: string): void => {
    if (found.has(name)) return;
    const chunk = bundle[name];
    if (!chunk) return;
    found.add(name);
    for (const style of chunk.viteMetadata?.importedCss ?? []) found.add(style);
    for (const asset of chunk.viteMetadata?.importedAssets ?? []) found.add(asset);
    for (const next of chunk.imports ?? []) take(next);
  };
  for (const chunk of Object.values(bundle))
    if (chunk.type === 'chunk' && (chunk.isEntry || (chunk.facadeModuleId && wanted(chunk.facadeModuleId))))
      take(chunk.fileName);
  return [...found].sort().map((name) => `/${name}`);
}

/** The worker's text with its list and version. */
export function workerText(template: string, assets: readonly string[], shell: string): string {
  const version = createHash('sha256')
    .update(JSON.stringify([assets, shell]))
    .digest('hex')
    .slice(0, 16);
  return template
    .replace("'__VERSION__'", JSON.stringify(version))
    .replace('__ASSETS__', JSON.stringify(assets, null, 2));
}

/** The plugin of vite. */
export function collectWorker() {
  return {
    name: 'jingwei-collect-worker',
    apply: 'build' as const,
    enforce: 'post' as const,
    generateBundle: {
      // After vite has written the shell.
      order: 'post' as const,
      handler(
        this: { emitFile(file: { type: 'asset'; fileName: string; source: string }): unknown },
        _options: unknown,
        bundle: Record<string, ChunkLike>,
      ) {
        const template = readFileSync(fileURLToPath(new URL('./collect-worker.js', import.meta.url)), 'utf8');
        const files = filesOf(bundle, (module) => /\/pages\/(forms\/(collect|offline)|events\/field)\//.test(module));
        const shell = bundle['index.html']?.source;
        if (typeof shell !== 'string') throw new Error('the shell index.html is not in the bundle');
        this.emitFile({
          type: 'asset',
          fileName: 'collect-worker.js',
          source: workerText(template, [...beside, ...files], shell),
        });
      },
    },
  };
}
