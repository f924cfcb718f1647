/**
 * The browser that the end-to-end tests drive. Looked for in JINGWEI_CHROMIUM and the usual places; on Debian as root
 * it is installed from Debian's packages; otherwise it is said plainly how to get it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** The path of a Chromium, or undefined. */
export function findBrowser() {
  return [process.env.JINGWEI_CHROMIUM, ...PLACES].find((p) => p && existsSync(p));
}

/** Installs Debian packages when this is Debian and we are root; answers whether it worked. */
export function installDebianPackages(names) {
  if (process.getuid?.() !== 0 || spawnSync('sh', ['-c', 'command -v apt-get']).status !== 0) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    execFileSync('apt-get', ['update', '-q'], { stdio: 'ignore', env });
    execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...names], { stdio: 'ignore', env });
    return true;
  } catch {
    return false;
  }
}

/** The path of a Chromium, installing it where that is possible; undefined with the way to get it on stderr. */
export function ensureBrowser() {
  const found = findBrowser();
  if (found) return found;
  process.stdout.write('No Chromium found; trying to install it from Debian’s packages …\n');
  if (installDebianPackages(['chromium', 'fonts-noto-cjk'])) return findBrowser();
  process.stderr.write(
    [
      'The browser tests need Chromium and a Chinese font. 浏览器测试需要 Chromium 和中文字体。',
      '  Debian / Ubuntu:  sudo apt-get install chromium fonts-noto-cjk',
      '  elsewhere:        install Chromium or Chrome and set JINGWEI_CHROMIUM to its path',
      '',
    ].join('\n'),
  );
  return undefined;
}
