/**
 * `npm start`: from a fresh clone to an open page. Checks Node, builds the pages when they are missing or older than their
 * sources, then starts the hub; the first start without a configuration shows the synthetic city. Says what it does.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const say = (zh, en) => process.stdout.write(`${zh} / ${en}\n`);
const fail = (zh, en) => {
  process.stderr.write(`${zh} / ${en}\n`);
  process.exit(1);
};

const wanted = [20, 19];
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < wanted[0] || (major === wanted[0] && minor < wanted[1])) {
  fail(
    `需要 Node.js ${wanted.join('.')} 或更新版本，当前为 ${process.versions.node}`,
    `Node.js ${wanted.join('.')} or newer is needed; this is ${process.versions.node}`,
  );
}
if (!existsSync(join(root, 'node_modules', 'tsx'))) {
  fail('缺少依赖，请先运行 npm ci', 'the dependencies are missing: run npm ci first');
}

/** The newest change below a file or folder, in milliseconds; 0 when it is absent. */
function newest(path) {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Whether what is built of a folder of web/ is missing or older than its sources. */
function stale(name, page) {
  const folder = join(root, 'web', name);
  if (!existsSync(join(folder, 'index.html'))) return false;
  const sources = ['src', 'public', 'index.html', 'package.json', 'vite.config.ts'].map((n) => newest(join(folder, n)));
  return Math.max(...sources) > newest(join(folder, 'dist', page));
}
const old = stale('console', 'index.html');
if (old || stale('verify', 'verify.html')) {
  say('正在生成页面 …', 'building the pages …');
  const script = old ? ['build'] : ['build', '-w', 'web/verify'];
  const vite = spawnSync('npm', ['run', '--silent', ...script], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (vite.status !== 0) fail('页面生成失败', 'the pages could not be built');
}

const args = process.argv.slice(2);
const data = process.env.JINGWEI_DATA_FOLDER || join(root, 'data');
const configured =
  args.length > 0 ||
  process.env.JINGWEI_DEMO_ENABLED ||
  process.env.JINGWEI_CONFIG ||
  existsSync(join(root, 'jingwei.yaml'));
// Data that was begun as a demonstration stays one: the hub marks its folder.
const demo = !configured && (!existsSync(join(data, 'pg')) || existsSync(join(data, 'demo')));
if (demo) say('没有配置，以演示城市启动', 'no configuration: starting with the demonstration city');
say('正在启动 …', 'starting …');
/** A hub that ends with this has lost an engine to the disk and must be started again. */
const AGAIN = 70;
/** Starts within ten minutes after which somebody must look. */
const MOST = 5;
const starts = [];
let hub;
function start() {
  starts.push(Date.now());
  hub = spawn(
    process.execPath,
    ['--import', 'tsx', join(root, 'hub', 'src', 'main.ts'), ...args, ...(demo ? ['--demo'] : [])],
    // Every statement of the lake waits on a thread of Node's pool: with its four, bulk work would leave none to look-ups.
    // Arenas of the C library for each of so many threads keep what one of them freed from all others: memory would grow by a tenth.
    { cwd: root, stdio: 'inherit', env: { UV_THREADPOOL_SIZE: '16', MALLOC_ARENA_MAX: '2', ...process.env } },
  );
  hub.on('exit', (code, signal) => {
    const lately = starts.filter((at) => at > Date.now() - 600_000).length;
    if (code === AGAIN && lately < MOST) {
      say('重新启动 …', 'starting again …');
      setTimeout(start, 2000);
    } else process.exit(signal ? 1 : (code ?? 1));
  });
}
start();
// The terminal sends its signals to both; a supervisor only to this process.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => hub.kill('SIGTERM'));
process.on('SIGINT', () => undefined);
